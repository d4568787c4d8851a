{#-
    Stops the run on a CSV file that cannot be read, and names the file and line. It reads the files once more, because
    the reader's own error shows the line, and with it the person.
-#}
{% macro check_csv_files() %}
    {% for name in required_columns() if name != 'web_events' or var('website_tracking') %}
        {% set found = raw_file(name) or {} %}
        {% if found.format == 'csv' %}
            {% for file in run_query("select file from glob('" ~ found.path ~ "') order by file").columns[0].values() %}
                {#- for a single file, check_columns reports missing columns -#}
                {% do check_csv_file(file, name if '/**/' in found.path else none) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro check_csv_file(file, name) %}
    {% set header = csv_header(file) %}
    {% if not header %}{{ return('') }}{% endif %}
    {% for column in (missing_columns(name, header) if name else []) if '/' ~ column ~ '=' not in file[raw_folder() | length:] %}
        {{ stop_on_csv_file(
            file, 'has no column ' ~ column ~ ' in its first line, where its header should be',
            'Put the header there'
        ) }}
    {% endfor %}

    {% if run_query(files_with_mixed_line_ends(file)).rows %}
        {{ stop_on_csv_file(file, 'has lines that end in different ways', 'Export it with line ends of one kind') }}
    {% endif %}

    {#-
        every column must be counted, or its encoding is not checked; columns are named by position, so that nothing is
        guessed
    -#}
    {% set columns, counts = [], [] %}
    {% for name in header %}
        {% do columns.append("'c" ~ loop.index ~ "': 'varchar'") %}
        {% do counts.append('count(c' ~ loop.index ~ ')') %}
    {% endfor %}
    {#-
        if a second file was appended, a byte order mark may precede its header, and then its quotes do not count as
        quotes
    -#}
    {% set repeats = "lower(trim(c1, chr(65279) || ' \"')) = '" ~ header[0] | replace("'", "''") ~ "'" %}
    {#- in one query, because dbt 2 asks each on a connection of its own, where the rejects of another are not seen -#}
    {% set found = run_query(
        "set variable counts = (select [" ~ counts | join(', ') ~ ", count(*) filter (where " ~ repeats ~ ")] from read_csv('"
        ~ file | replace("'", "''") ~ "', auto_detect = false, columns = {" ~ columns | join(', ') ~ "}, " ~ csv_options()
        ~ ", ignore_errors = true, store_rejects = true)); "
        ~ "select count(distinct line), min(line), arg_min(lower(error_type::varchar), line), getvariable('counts')[-1]"
        ~ " from reject_errors"
    ).rows[0] %}

    {% if found[0] > 0 %}
        {{ stop_on_csv_file(
            file, 'has ' ~ found[0] ~ ' line(s) that cannot be read as CSV in UTF-8; the first is line ' ~ found[1]
            ~ ' (' ~ found[2] ~ ')', 'Mend or remove them'
        ) }}
    {% elif found[3] > 0 %}
        {{ stop_on_csv_file(file, 'holds its header ' ~ (found[3] + 1) ~ ' times', 'Keep the first') }}
    {% endif %}
{% endmacro %}


{#-
    The file, if some of its lines end in CR and LF and others in only one of them. The reader would stop there with its
    own error. Line ends within double quotes are text. The whole file has to be read (1.3 s for 75 MB with a CR, and up
    to 8 times its size in memory), so larger files are left to the reader's error. The check looks at bytes, which the
    text of a blob can escape, because not all of them need be UTF-8.
-#}
{% macro files_with_mixed_line_ends(file) %}
    with

    contents as (
        select cast(content as varchar) as escaped
        from read_blob('{{ file | replace("'", "''") }}')
        where size < 64 * 1024 * 1024
    ),

    outside_quotes as (
        select regexp_replace(escaped, '\\x22.*?\\x22', '', 'g') as escaped
        from contents
        where contains(escaped, '\x0D')
    ),

    without_pairs as (
        select
            contains(escaped, '\x0D\x0A') as has_pairs,
            replace(escaped, '\x0D\x0A', '') as escaped
        from outside_quotes
    )

    select 1 as is_mixed
    from without_pairs
    where
        has_pairs::int + contains(escaped, '\x0D')::int + contains(escaped, '\x0A')::int > 1
{% endmacro %}


{#- The names in the first line of a CSV file, in lower case; none for an empty file. -#}
{% macro csv_header(file) %}
    {% set path = file | replace("'", "''") %}
    {#-
        Not in parallel, or any line of a large file could come first. Not strict, or the reader would stop at a cell
        whose line ends differ from those of the lines themselves.
    -#}
    {% set first = run_query(
        "select line from read_csv('" ~ path ~ "', auto_detect = false, columns = {'line': 'varchar'}, header = false, "
        ~ "delim = chr(1), quote = '', escape = '', skip = 0, comment = '', ignore_errors = true, "
        ~ "strict_mode = false, parallel = false) limit 1"
    ).rows %}
    {% if first | length == 0 and run_query("select size from read_blob('" ~ path ~ "')").rows[0][0] == 0 %}
        {{ return([]) }}
    {% elif not (first and (first[0][0] or '') | trim) or first[0][0].count('"') % 2 %}
        {{ stop_on_csv_file(file, 'has no header that can be read in its first line', 'Put it there, in UTF-8') }}
    {% elif modules.re.search('\\x00', first[0][0]) %}
        {{ stop_on_csv_file(file, 'is in UTF-16, or broken: it holds zero bytes', 'Save it as "CSV UTF-8"') }}
    {% elif modules.re.search('[\\x01-\\x08\\x0e-\\x1f]', first[0][0]) %}
        {{ stop_on_csv_file(file, 'is no text: its first line holds control characters', 'Export it as "CSV UTF-8"') }}
    {% elif modules.re.match('\\s*(\\[\\s*([{]|$)|[{]\\s*("|$)|<[!?a-zA-Z])', first[0][0]) %}
        {{ stop_on_csv_file(file, 'is no CSV: it begins as JSON or a web page does', 'Export it as "CSV UTF-8"') }}
    {% endif %}
    {% for separator, name in {';': 'semicolons', '\t': 'tabs', '|': 'bars'}.items() if separator in first[0][0] and ',' not in first[0][0] %}
        {{ stop_on_csv_file(file, 'is separated by ' ~ name, 'Export it with commas') }}
    {% endfor %}

    {% set names = [] %}
    {% for name in modules.re.findall('(?:^|,)[ ]*("(?:[^"]|"")*"|[^,]*)', first[0][0]) %}
        {% do names.append(name.strip().strip('"').strip() | lower) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{% macro stop_on_csv_file(file, mistake, mend) %}
    {{ exceptions.raise_compiler_error(
        'raw_files: ' ~ file ~ ' ' ~ mistake ~ '. ' ~ mend ~ '. Nothing was scored; the last scores stand.'
    ) }}
{% endmacro %}
