{{ config(enabled=is_connected('sendgrid')) }}

with

counted as (

    {{ count_of_rows('event', 'source_rows', source_table('sendgrid', 'event').relation) }}
    union all
    {{ count_of_rows('event', 'raw_rows', ref('sendgrid_email_events')) }}
    union all
    {{ count_of_left_out_rows('event', ref('sendgrid_event_rows')) }}

)

select * from counted
