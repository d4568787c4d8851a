{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['contact_id', 'score_name', 'handed_off_at'],
    full_refresh=false,
    on_schema_change='fail',
    pre_hook=[
        "{{ add_later_column(this, 'grade', dbt.type_string()) }}",
        "{{ add_later_column(this, 'ended_at', dbt.type_timestamp()) }}",
        "{{ forget(this, 'handed_off_at') }}",
        "{{ reopen(this, 'ended_at') }}",
    ],
) }}

with

newest_build as (

    select max(as_of) as as_of from {{ ref('history_builds') }}

),

score_history as (

    select * from {{ ref('score_history') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

-- empty when an older as-of is built again, because that is not the newest build
ready_now as (

    select
        present_contacts.contact_id,
        present_contacts.owner,
        present_contacts.phone,
        contact_standings.score_name,
        contact_standings.band,
        sales_ready.grade,
        contact_standings.band_score as score,
        contact_standings.as_of
    from {{ ref('sales_ready') }} as sales_ready
    inner join contact_standings
        on
            sales_ready.contact = contact_standings.contact
            and sales_ready.score_name = contact_standings.score_name
    inner join newest_build
        on contact_standings.as_of = newest_build.as_of
    inner join present_contacts
        on sales_ready.contact = present_contacts.contact

),

previous_standings as (

    select
        contact_id,
        score_name,
        band
    from score_history
    where valid_from < {{ as_of() }} and (valid_to is null or valid_to = {{ as_of() }})

),

-- those who were ready at the previous build, whatever its bands and grades were
open_handoffs as (

    {% if is_incremental() %}
    select handoffs.*
    from {{ this }} as handoffs
    inner join newest_build
        on newest_build.as_of = {{ as_of() }}
    where handoffs.ended_at is null
    {% else %}
    select
        *,
        as_of as handed_off_at,
        band as previous_band
    from ready_now
    where false
    {% endif %}

),

ended as (

    select
        open_handoffs.contact_id,
        open_handoffs.owner,
        open_handoffs.phone,
        open_handoffs.score_name,
        open_handoffs.band,
        open_handoffs.grade,
        open_handoffs.score,
        open_handoffs.handed_off_at,
        open_handoffs.previous_band,
        {{ as_of() }} as ended_at
    from open_handoffs
    left join ready_now
        on
            open_handoffs.contact_id = ready_now.contact_id
            and open_handoffs.score_name = ready_now.score_name
    where ready_now.contact_id is null

),

begun as (

    select
        ready_now.contact_id,
        ready_now.owner,
        ready_now.phone,
        ready_now.score_name,
        ready_now.band,
        ready_now.grade,
        ready_now.score,
        ready_now.as_of as handed_off_at,
        previous_standings.band as previous_band,
        cast(null as {{ dbt.type_timestamp() }}) as ended_at
    from ready_now
    left join open_handoffs
        on
            ready_now.contact_id = open_handoffs.contact_id
            and ready_now.score_name = open_handoffs.score_name
    left join previous_standings
        on
            ready_now.contact_id = previous_standings.contact_id
            and ready_now.score_name = previous_standings.score_name
    where open_handoffs.contact_id is null

),

changed as (

    select * from ended
    union all
    select * from begun

)

select * from changed
