{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['contact_id', 'score_name', 'valid_from'],
    full_refresh=false,
    on_schema_change='fail',
    pre_hook=["{{ forget(this, 'valid_from') }}", "{{ reopen(this, 'valid_to') }}"],
) }}

with

newest_build as (

    select max(as_of) as as_of from {{ ref('history_builds') }}

),

-- empty when an older as-of is built again, so history stays as it is
contact_scores as (

    select contact_scores.*
    from {{ ref('contact_scores') }} as contact_scores
    inner join newest_build
        on contact_scores.as_of = newest_build.as_of

),

open_spans as (

    {% if is_incremental() %}
    select spans.*
    from {{ this }} as spans
    inner join newest_build
        on newest_build.as_of = {{ as_of() }}
    where spans.valid_to is null
    {% else %}
    select
        *,
        as_of as valid_from
    from contact_scores
    where false
    {% endif %}

),

closed as (

    select
        open_spans.contact_id,
        open_spans.score_name,
        open_spans.status,
        open_spans.band,
        open_spans.score_30d,
        open_spans.valid_from,
        {{ as_of() }} as valid_to
    from open_spans
    left join contact_scores
        on {{ is_same_standing('open_spans', 'contact_scores') }}
    where contact_scores.contact_id is null

),

opened as (

    select
        contact_scores.contact_id,
        contact_scores.score_name,
        contact_scores.status,
        contact_scores.band,
        contact_scores.score_30d,
        contact_scores.as_of as valid_from,
        cast(null as {{ dbt.type_timestamp() }}) as valid_to
    from contact_scores
    left join open_spans
        on {{ is_same_standing('open_spans', 'contact_scores') }}
    where open_spans.contact_id is null

),

changed as (

    select * from closed
    union all
    select * from opened

)

select * from changed
