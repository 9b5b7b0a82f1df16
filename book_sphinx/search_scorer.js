// How Sphinx's search ranks what it finds, with Sphinx's own numbers except that of the glossary an entry counts, and
// not its page: a reader who looks for a word is led to what it means. A variable, since Sphinx declares it as one.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score([page, , place, , score]) {
    if (page !== "glossary") return score;
    return place ? score + this.title : 0;
  },
};
