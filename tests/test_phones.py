"""What a phone dials of a number as people write it."""

import pytest

from app.phones import dialled, link


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+46 8 465 004 52", "+46846500452"),
        ("+46 (0)8 465 004 52", "+46846500452"),
        ("(08) 465 004 52", "0846500452"),
        ("030 / 12345-67", "0301234567"),
        ("+1.212.555.0169", "+12125550169"),
        ("0046 8 465 004 52", "0046846500452"),
        ("+44 20 7946 0009 ext. 12", "+442079460009"),
        ("(212) 555-0169 x12", "2125550169"),
        ("212-555-0169x12", "2125550169"),
        ("+12125550169;ext=12", "+12125550169"),
        ("+1 212 555 0169, 12", "+12125550169"),
        ("+1 212 555 0169 #12", "+12125550169"),
        ("Tel. +46 8 465 004 52 (reception)", "+46846500452"),
        ("+46 8 465 004 52 / +46 70 123 45 67", "+46846500452"),
        ("＋４６ ８ ４６５ ００４ ５２", "+46846500452"),
        ("+٤٦ ٨ ٤٦٥ ٠٠٤ ٥٢", "+46846500452"),
        ("+46\u00a08\u2011465\u2013004 52", "+46846500452"),
        ("112", "112"),
    ],
)
def test_a_link_dials_the_digits_and_a_leading_plus_and_no_extension(written: str, number: str):
    assert dialled(written) == number
    assert link(written) == f"tel:{number}"


@pytest.mark.parametrize("written", ["ask Anna", "1-800-FLOWERS", "12", "1234 5678 9012 3456", "+"])
def test_what_is_no_number_dials_nothing(written: str):
    assert dialled(written) is None
    assert not any(sign.isdigit() for sign in link(written)[:5])
