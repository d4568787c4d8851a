{#-
    Stops the run on lines of a CSV file that cannot be read, naming file and line. It reads the files once more,
    because the reader's own error shows the line, and with it the person.
-#}
{% macro check_csv_files() %}
    {% if not execute or raw_input() != 'files' %}{{ return('') }}{% endif %}

    {% for name in required_columns() if (raw_file(name) or {}).format == 'csv' %}
        {% for file in run_query("select file from glob('" ~ raw_file(name).path ~ "') order by file").columns[0].values() %}
            {% do check_csv_file(file) %}
        {% endfor %}
    {% endfor %}
{% endmacro %}


{% macro check_csv_file(file) %}
    {% do run_query(
        "select count(*) from read_csv('" ~ file | replace("'", "''") ~ "', " ~ csv_options()
        ~ ", ignore_errors = true, store_rejects = true)"
    ) %}
    {% set found = run_query(
        "select count(distinct line), min(line), arg_min(lower(error_type::varchar), line) from reject_errors"
    ).rows[0] %}
    {% if found[0] > 0 %}
        {{ exceptions.raise_compiler_error(
            "raw_files: " ~ file ~ " has " ~ found[0] ~ " line(s) that cannot be read as CSV in UTF-8; "
            ~ "the first is line " ~ found[1] ~ " (" ~ found[2] ~ "). "
            ~ "Mend or remove them. Nothing was scored; the last scores stand."
        ) }}
    {% endif %}
{% endmacro %}
