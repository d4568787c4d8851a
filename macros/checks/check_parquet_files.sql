{#-
    Stops the run on a Parquet file that was cut off or is still being written, and names it in one line. To check its
    last bytes, the whole file has to be read (0.13 s for 290 MB). If a table's files are larger than that, only empty
    ones are noticed here; for the others the reader's own error has to do.
-#}
{% macro check_parquet_files() %}
    {% for name in required_columns() if name != 'web_events' or var('website_tracking') %}
        {% set found = raw_file(name) or {} %}
        {% if found.format == 'parquet' %}
            {% set files = "read_blob('" ~ found.path ~ "')" %}
            {% set is_small = run_query('select sum(size) < 256 * 1024 * 1024 from ' ~ files).rows[0][0] %}
            {#- the shortest possible file: PAR1 at both ends, and the length of what is between -#}
            {% set is_broken = "size < 12" ~ (
                " or content[1:4] <> 'PAR1'::blob or content[-4:] <> 'PAR1'::blob or " ~ parquet_footer_length() ~ ' > size - 12'
                if is_small else ''
            ) %}
            {% set broken = run_query('select filename from ' ~ files ~ ' where ' ~ is_broken ~ ' order by filename').columns[0].values() %}
            {% set broken = broken or run_query(parquet_files_with_a_piece_missing(found.path)).columns[0].values() %}
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


{#- The length of the footer: the four bytes before the last PAR1, last byte first. -#}
{% macro parquet_footer_length() -%}
    try_cast('0x'{% for place in [5, 6, 7, 8] %} || hex(content[-{{ place }}:-{{ place }}]){% endfor %} as bigint)
{%- endmacro %}


{#- The files whose footer refers to more data than the file holds, so that a piece was lost on the way. -#}
{% macro parquet_files_with_a_piece_missing(path) %}
    select ends.file_name
    from parquet_file_metadata('{{ path }}') as ends
    inner join parquet_metadata('{{ path }}') as pages
        on ends.file_name = pages.file_name
    group by ends.file_name, ends.file_size_bytes, ends.footer_size
    having
        max(coalesce(pages.dictionary_page_offset, pages.data_page_offset) + pages.total_compressed_size)
        > ends.file_size_bytes - ends.footer_size - 8
    order by ends.file_name
{% endmacro %}
