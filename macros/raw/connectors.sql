{#- The raw tables that each connector fills, by models of its own: hubspot_contacts and so on. -#}
{% macro connector_tables() %}
    {{ return({
        'hubspot': ['contacts', 'identities', 'email_events', 'activities', 'lists', 'list_memberships', 'attributes'],
        'mailchimp': ['contacts', 'email_events', 'lists', 'list_memberships'],
        'marketo': ['contacts', 'identities', 'email_events', 'activities', 'lists', 'list_memberships', 'attributes'],
        'salesforce': ['contacts', 'identities', 'email_events', 'activities', 'lists', 'list_memberships', 'attributes'],
        'segment': ['contacts', 'identities', 'web_events', 'activities', 'consents'],
        'sendgrid': ['email_events'],
    }) }}
{% endmacro %}


{% macro is_connected(connector) %}
    {{ return(connector in (var('connectors', none) or [])) }}
{% endmacro %}


{#- The connectors in use that fill a raw table. -#}
{% macro connectors_of(name) %}
    {% set found = [] %}
    {% for connector, tables in connector_tables().items() if is_connected(connector) and name in tables %}
        {% do found.append(connector) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#- The rows of a raw table from all connectors in use that fill it, and from the model of `raw_models`, if it names one. -#}
{% macro united(name) -%}
    {%- for connector in connectors_of(name) %}
    select
        {{ raw_columns()[name] | join(',\n        ') }}
    from {{ ref(connector ~ '_' ~ name) }}
    {{ 'union all' if not loop.last or is_modelled(name) }}
    {%- endfor %}
    {{ rows_of_model(name) if is_modelled(name) }}
{%- endmacro %}


{#- Whether `raw_models` names a model for a raw table. -#}
{% macro is_modelled(name) %}{{ return(name in (var('raw_models', none) or {})) }}{% endmacro %}


{#- The rows of that model, for a union with those of connectors. -#}
{% macro rows_of_model(name) -%}
    {%- set raw = known_table(raw_model(name)) %}
    {#- checked here, because once united with others it has every column -#}
    {%- if execute and flags.WHICH in ['build', 'run'] and missing_columns(name, raw.types) %}
        {{ exceptions.raise_compiler_error(no_such_columns(name, raw.types, 'in raw_models')) }}
    {%- endif %}
    select
        {%- for column in raw_columns()[name] %}
        {{ raw_column(raw, name, column) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ raw.relation }}
{%- endmacro %}


{#- A column of a raw table with the type that connectors give it. -#}
{% macro raw_column(raw, name, column) -%}
    {%- if column in time_columns().get(name, []) -%}
        {{ raw_timestamp(raw, column) }}
    {%- elif column in ['is_machine', 'is_granted'] -%}
        {{ raw_boolean(raw, column) }}
    {%- else -%}
        {{ raw_text(raw, column) }}
    {%- endif -%}
{%- endmacro %}


{#-
    A table as the loader left it: `relation` to select from, and `types`, its columns (in lower case) with their types,
    for raw_text() and the like. A table that was not loaded has no columns and no rows, unless columns of it are needed.
    A webhook's events may also be files, in the folder that <connector>_files names.
-#}
{% macro source_table(connector, name, needed=[]) %}
    {% if var(connector ~ '_files', none) %}
        {{ return({'relation': webhook_files_relation(connector ~ '_files') if execute, 'types': {'payload': 'json'}}) }}
    {% endif %}
    {% set relation = source(connector, name) %}
    {% set types = raw_column_types(relation) if execute and load_relation(relation) else {} %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% if not types and (needed or name in var(connector ~ '_identifiers', {})) %}
            {{ exceptions.raise_compiler_error(
                'connectors: ' ~ connector ~ ' needs the table ' ~ name ~ ', and there is no ' ~ relation
                ~ '. Name its schema by ' ~ connector ~ '_schema, or the table by ' ~ connector ~ '_identifiers.'
            ) }}
        {% elif needed | reject('in', types) | list %}
            {{ exceptions.raise_compiler_error(
                'connectors: the table ' ~ relation ~ ' has no column ' ~ needed | reject('in', types) | join(', ')
                ~ '. ' ~ connector ~ ' needs ' ~ needed | join(', ') ~ '.'
            ) }}
        {% endif %}
    {% endif %}
    {{ return({'relation': relation, 'types': types} if types else absent_table()) }}
{% endmacro %}


{#- What to select from for a folder of JSON files: a row per object in them, in the column `payload`. Lists are taken apart. -#}
{% macro webhook_files_relation(variable) %}
    {{ return(adapter.dispatch('webhook_files_relation', 'contact_scoring')(variable)) }}
{% endmacro %}


{#- The text under a key of a webhook's events, where a row holds the event as JSON, or has a column for each key. -#}
{% macro payload_text(raw, key) -%}
    {%- if 'payload' in raw.types -%}
        {{ text_or_null(by_code_point(json_text('payload', key))) }}
    {%- else -%}
        {{ raw_text(raw, key) }}
    {%- endif -%}
{%- endmacro %}


{#- The text under a key of a JSON object, whatever the type of the value; null if there is none. -#}
{% macro json_text(column, key) -%}
    {{ adapter.dispatch('json_text', 'contact_scoring')(column, key) }}
{%- endmacro %}


{#- The time so many seconds after the start of 1970, in UTC. -#}
{% macro seconds_to_utc(expression) -%}
    {{ adapter.dispatch('seconds_to_utc', 'contact_scoring')(expression) }}
{%- endmacro %}


{#-
    One row per value of a column in which several stand with semicolons between: `key_column` and `value`. Up to 250: no
    vendor keeps more.
-#}
{% macro separated_values(relation, key_column, column) -%}
    select
        listed.{{ key_column }},
        split_part(listed.{{ column }}, ';', numbers.number) as value
    from {{ relation }} as listed
    inner join (values {% for number in range(1, 251) %}({{ number }}){{ ', ' if not loop.last }}{% endfor %}) as numbers (number)
        on numbers.number <= 1 + length(listed.{{ column }}) - length(replace(listed.{{ column }}, ';', ''))
{%- endmacro %}


{#-
    The number of a row among the versions of its record, 1 being the newest. Fivetran loads several where a table is
    synced in history mode.
-#}
{% macro version_number(raw, key='id') -%}
    {%- if '_fivetran_start' in raw.types -%}
        row_number() over (
            partition by {{ raw_text(raw, key) }}
            order by {{ raw_timestamp(raw, '_fivetran_start') }} desc, {{ raw_boolean(raw, '_fivetran_active') }} desc
        )
    {%- else -%}
        1
    {%- endif -%}
{%- endmacro %}


{#- Whether the tool, or Fivetran for it, says that a record is gone. In history mode not even its newest version is active. -#}
{% macro is_gone(raw) -%}
    (
        {{ raw_boolean(raw, 'is_deleted') }}
        or {{ raw_boolean(raw, '_fivetran_deleted') }}
        or ({{ raw_text(raw, '_fivetran_active') }} is not null and not {{ raw_boolean(raw, '_fivetran_active') }})
    )
{%- endmacro %}


{#- A row of a reconciliation: how many rows of a source table there are, became raw rows, or were left out by a rule. -#}
{% macro count_of_rows(source_name, counted, relation, condition='true') -%}
    select
        '{{ source_name }}' as source_table,
        '{{ counted }}' as counted,
        count(*) as row_count
    from {{ relation }}
    where {{ condition }}
{%- endmacro %}


{#- The same, a row per rule that left rows out. -#}
{% macro count_of_left_out_rows(source_name, relation, condition='true') -%}
    select
        '{{ source_name }}' as source_table,
        left_out as counted,
        count(*) as row_count
    from {{ relation }}
    where left_out is not null and {{ condition }}
    group by left_out
{%- endmacro %}


{#- An id made of all that identifies an event, for tools that give it none. Events that agree in all of it are one. -#}
{% macro id_of_content(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns %}{% do parts.append("coalesce(cast(" ~ column ~ " as " ~ dbt.type_string() ~ "), '')") %}{% endfor -%}
    {{ by_code_point(dbt.hash(parts | join(" || '|' || "))) }}
{%- endmacro %}


{#- First and last name as one; null if there is neither. -#}
{% macro joined_names(first_name, last_name) -%}
    nullif(trim(coalesce({{ first_name }}, '') || ' ' || coalesce({{ last_name }}, '')), '')
{%- endmacro %}


{#- The traits of Segment's identify calls that a contact is made of, as their columns are called. -#}
{% macro segment_traits() %}
    {{ return([
        'email', 'name', 'first_name', 'last_name', 'company', 'company_name', 'company_id', 'title', 'country',
        'address_country', 'phone',
    ]) }}
{% endmacro %}
