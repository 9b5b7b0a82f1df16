"""Which rules of a style sheet are left when those that nothing can use have been taken out."""

import pytest

from book_sphinx.stylesheets import names_in, without_unused_rules

NAMES = names_in(['<div class="card card-body" id="top">', "element.classList.add('show')"])


@pytest.mark.parametrize(
    ("styles", "expected"),
    [
        (".card{color:red}", ".card{color:red}"),
        (".cart{color:red}", ""),
        (".card,.cart{color:red}", ".card{color:red}"),
        (".card.show > a{color:red}", ".card.show > a{color:red}"),
        (".card.hide > a{color:red}", ""),
        (".card-body .card-foot{color:red}", ""),
        ("a:not(.hide){color:red}", "a:not(.hide){color:red}"),
        ("#anything{color:red}", "#anything{color:red}"),
        ("html[data-theme=dark] .card{color:red}", "html[data-theme=dark] .card{color:red}"),
        ('a[title=".hide"]{color:red}', 'a[title=".hide"]{color:red}'),
        ("@media print{.hide{color:red}}", ""),
        ("@media print{.hide{color:red} .show{color:red}}", "@media print{.show{color:red}}"),
        ("@supports (gap:1px){@media print{.show{gap:1px}}}", "@supports (gap:1px){@media print{.show{gap:1px}}}"),
        ("@font-face{font-family:x}", "@font-face{font-family:x}"),
        ("@keyframes turn{0%{top:0.5px}}", "@keyframes turn{0%{top:0.5px}}"),
        ('@charset "utf-8";/* words */\n:root{--a:"."}', '@charset "utf-8";:root{--a:"."}'),
    ],
)
def test_a_rule_stays_when_all_its_classes_occur(styles, expected):
    assert without_unused_rules(styles, NAMES) == expected
