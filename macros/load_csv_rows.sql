{#-
    In place of dbt-duckdb's own, which leaves DuckDB to guess what quotes a text: where no cell of the file is in
    double quotes, a match_value of '50%' would lose the single ones.
-#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set statement %}
        copy {{ this }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}'
        (format csv, header true, delimiter ',', quote '"', escape '"')
    {% endset %}
    {% do adapter.add_query(statement, abridge_sql_log=True) %}
    {{ return(statement) }}
{% endmacro %}
