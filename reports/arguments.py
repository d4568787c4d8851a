"""Command-line arguments that several reports take."""

import argparse


def window_days(text: str) -> int:
    """The length of a window: a whole number of days from 1 to 90."""
    if not text.isdecimal() or not 1 <= int(text) <= 90:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of days from 1 to 90")
    return int(text)


def how_many(text: str) -> int:
    """How many rows to show: a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of 1 or more")
    return int(text)
