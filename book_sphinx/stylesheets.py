"""Style sheets without the rules that no page of the book can use.

The theme brings the whole of Bootstrap and a class for each of thousands of icons: nine tenths of its styles match
nothing. A rule stays when every class that it asks for occurs, as a word, in a page or in a script.
"""

import re
from itertools import pairwise

import tinycss2

NAME = re.compile(r"[A-Za-z_][\w-]*")
GROUPS = ("media", "supports", "container", "layer")  # rules at an @ that hold further rules


def names_in(texts):
    """Return the set of all words in some texts that a class could have as its name."""
    return {name for text in texts for name in NAME.findall(text)}


def without_unused_rules(styles, names):
    """Return a style sheet without the rules, and the selectors of a rule, that ask for a class outside `names`.

    Comments leave as well. Classes in brackets, as in `:not(.hidden)`, decide nothing: the rule may match without.
    """
    return _kept(tinycss2.parse_stylesheet(styles, skip_comments=True, skip_whitespace=True), names)


def _kept(rules, names):
    kept = []
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [one for one in _selectors(rule.prelude) if _classes(one) <= names]
            if selectors:
                written = ",".join(tinycss2.serialize(one).strip() for one in selectors)
                kept.append(f"{written}{{{tinycss2.serialize(rule.content)}}}")
        elif rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in GROUPS:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if written := _kept(inner, names):
                kept.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{written}}}")
        else:
            kept.append(rule.serialize())
    return "".join(kept)


def _selectors(prelude):
    """Return the parts between the commas of a rule's selectors, each a list of tokens."""
    selectors = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            selectors.append([])
        else:
            selectors[-1].append(token)
    return selectors


def _classes(selector):
    pairs = pairwise(selector)
    return {name.value for dot, name in pairs if dot.type == "literal" and dot.value == "." and name.type == "ident"}
