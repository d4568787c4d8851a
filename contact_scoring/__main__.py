"""`python -m contact_scoring`: the command `contact-scoring`, in whichever folder's project."""

from contact_scoring.cli import main

main(prog_name="contact-scoring")
