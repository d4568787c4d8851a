"""The command line: `contact-scoring --help`. Each command says its answer, or one line why not."""

from pathlib import Path

import click
import yaml

WINDOW = click.IntRange(1, 90)
ROWS = click.IntRange(min=1)
FOLDER = click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)
FILE = click.Path(dir_okay=False, resolve_path=True, path_type=Path)


class Variables(click.ParamType[dict[str, object]]):
    """dbt's variables, as `--vars` takes them."""

    name = "yaml"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        try:
            found = yaml.safe_load(str(value))
        except yaml.YAMLError:
            found = None
        if not isinstance(found, dict):
            self.fail(f"'{value}' is no YAML mapping such as '{{raw_files: x}}'", param, ctx)
        return found


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Score contacts, publish the scores, and ask why they are what they are."""


# What a command needs is imported when it is called: dbt alone takes a second to load.


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.option("--verbose", is_flag=True, help="dbt's own log in place of the progress bar")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def build(verbose: bool, arguments: tuple[str, ...]) -> None:
    """Score the contacts, test, publish and print the result.

    ARGUMENTS go to `dbt build`: --vars '{raw_files: exports}', say.
    """
    from contact_scoring import building

    building.build(arguments, verbose=verbose)


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.option("--verbose", is_flag=True, help="dbt's own log in place of the progress bar")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def evaluate(verbose: bool, arguments: tuple[str, ...]) -> None:
    """Say whether the scores of the last build predict the outcomes of outcomes.csv.

    ARGUMENTS go to `dbt build`: the --vars of the last build.
    """
    from contact_scoring import evaluation

    evaluation.evaluate(arguments, verbose=verbose)


@main.command("check-rules")
def check_rules() -> None:
    """Look for mistakes in the rules of seeds/config."""
    from contact_scoring import config_checks

    config_checks.check()


@main.command()
def recover() -> None:
    """Make sure that a build can write to its database."""
    from contact_scoring import recovery

    for line in recovery.prepare():
        click.echo(line)


@main.command()
def publish() -> None:
    """Publish the marts of the last build."""
    from contact_scoring import publishing

    publishing.main()


@main.command("publish-postgres")
def publish_postgres() -> None:
    """Load the published marts into the PostgreSQL database of profiles.yml."""
    from contact_scoring import publish_postgres

    publish_postgres.main()


@main.command()
@click.option("--dry-run", is_flag=True, help="print them; nothing is sent or remembered")
def handoffs(dry_run: bool) -> None:
    """Tell people, and a webhook, of new hand-offs."""
    from contact_scoring import handoffs

    handoffs.main(dry_run=dry_run)


@main.command()
def summary() -> None:
    """Print what the last build has found."""
    from contact_scoring import summary

    summary.main()


@main.command()
@click.argument("contact")
@click.option("--window", type=WINDOW, default=30, show_default=True, help="days")
@click.option("--events", type=ROWS, default=20, show_default=True, help="how many to show")
def explain(contact: str, window: int, events: int) -> None:
    """Say why a CONTACT, named by id or current e-mail address, has its score."""
    from contact_scoring import explain

    if not contact.strip():
        raise click.UsageError("name a contact, by id or address: make explain CONTACT=C001")
    explain.explain(contact, window, events)


@main.command()
@click.option("--window", type=WINDOW, default=30, show_default=True, help="days")
@click.option("--top", type=ROWS, default=10, show_default=True, help="how many people to name")
@click.option("--vars", "variables", type=Variables(), default={}, help="those of the last build")
@click.option(
    "--rules", type=FOLDER, help="a folder with the edited files  [default: seeds/config]"
)
@click.option(
    "--found", type=FILE, help="a new DuckDB file for what is found; prints steps instead"
)
def preview(
    window: int, top: int, variables: dict[str, object], rules: Path | None, found: Path | None
) -> None:
    """Say what the edited rules would change, before they are built."""
    from contact_scoring import preview

    preview.preview(window, top, variables, rules, found)


@main.command()
@click.argument("mart")
@click.option("--window", type=WINDOW, help="days, of a mart by window  [default: 30]")
def csv(mart: str, window: int | None) -> None:
    """Write a published MART as CSV to standard output."""
    from contact_scoring import export

    export.write_published(mart, window)


@main.command()
def freshness() -> None:
    """Say whether the published scores are of the last tick; exits non-zero where not."""
    from contact_scoring import freshness

    freshness.main()
