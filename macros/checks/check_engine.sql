{#- Stops a run on an engine that cannot read the input, or is set up so that scores would be wrong without a word. -#}
{% macro check_engine() %}
    {{ return(adapter.dispatch('check_engine', 'contact_scoring')()) }}
{% endmacro %}


{% macro default__check_engine() %}
    {#- which says that files cannot be read there -#}
    {% if execute and raw_input() == 'files' %}{% do raw_files_relation('contacts') %}{% endif %}
{% endmacro %}


{% macro duckdb__check_engine() %}{% endmacro %}


{#- Under Iceberg's SQL extensions, a view of a Hive catalog keeps the text that it was first made of (Iceberg 1.10). -#}
{% macro spark__check_engine() %}
    {% do default__check_engine() %}
    {% if not execute or flags.WHICH not in ['build', 'run'] %}{{ return('') }}{% endif %}
    {% set view = target.schema ~ '.contact_scoring_view_check' %}
    {% for number in [1, 2] %}{% do run_statement('create or replace view ' ~ view ~ ' as select ' ~ number ~ ' as number') %}{% endfor %}
    {% set number = run_query('select number from ' ~ view).rows[0][0] %}
    {% do run_statement('drop view ' ~ view) %}
    {% if number | int != 2 %}
        {{ exceptions.raise_compiler_error(
            'A view that is replaced keeps its first text on this cluster, so scores would stay those of the first build. '
            ~ 'Start the Thrift server without IcebergSparkSessionExtensions: Spark 3.5 needs them for nothing that is done here.'
        ) }}
    {% endif %}
{% endmacro %}
