{#-
    Stops the run on a Parquet file that was cut or is still being written, naming it in a line. To see its last bytes
    all of it has to be read (0.13 s for 290 MB), so where a table's files are larger than that, only empty ones are
    noticed here, and the reader's own error has to do for the others.
-#}
{% macro check_parquet_files() %}
    {% if not execute or raw_input() != 'files' %}{{ return('') }}{% endif %}

    {% for name in required_columns() if name != 'web_events' or var('website_tracking') %}
        {% set found = raw_file(name) or {} %}
        {% if found.format == 'parquet' %}
            {% set files = "read_blob('" ~ found.path ~ "')" %}
            {% set is_small = run_query('select sum(size) < 256 * 1024 * 1024 from ' ~ files).rows[0][0] %}
            {#- the shortest there could be: PAR1 at both ends, and the length of what is between -#}
            {% set is_broken = 'size < 12' ~ (" or content[1:4] <> 'PAR1'::blob or content[-4:] <> 'PAR1'::blob" if is_small else '') %}
            {% set broken = run_query('select filename from ' ~ files ~ ' where ' ~ is_broken ~ ' order by filename').columns[0].values() %}
            {% if broken %}
                {{ exceptions.raise_compiler_error(
                    'raw_files: ' ~ broken[0] ~ ' of the raw table ' ~ name ~ ' is no whole Parquet file'
                    ~ (', and ' ~ (broken | length - 1) ~ ' more' if broken | length > 1 else '')
                    ~ '. Write it again, under another name and then renamed. Nothing was scored; the last scores stand.'
                ) }}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}
