-- From the exports in incoming/ to the raw tables in exports/. All is read as text, so that an id
-- such as 0101 stays one and no time is guessed.

-- one row per contact; those merged away are named in the row that is left
copy (
    with

    exported as (

        select * from read_csv('incoming/contacts*.csv', all_varchar = true, union_by_name = true)

    ),

    contacts as (

        select
            "Record ID" as contact_id,
            "Email" as email_address,
            nullif(concat_ws(' ', "First Name", "Last Name"), '') as full_name,
            "Company name" as company_name,
            "Job Title" as job_title,
            "Phone Number" as phone,
            "Contact owner" as owner,
            try_strptime("Create Date", '%Y-%m-%d %H:%M') at time zone 'Europe/Stockholm' as created_at,
            try_strptime("Last Modified Date", '%Y-%m-%d %H:%M') at time zone 'Europe/Stockholm' as updated_at,
            null::varchar as merged_into_contact_id
        from exported

    ),

    merged_away as (

        select
            unnest(string_split("Merged record IDs", ';')) as contact_id,
            "Record ID" as merged_into_contact_id
        from exported

    )

    select * from contacts
    union all by name
    select * from merged_away
) to 'exports/contacts.parquet' (format parquet);

-- one row per further address of a contact
copy (
    with

    exported as (

        select * from read_csv('incoming/contacts*.csv', all_varchar = true, union_by_name = true)

    )

    select
        'email' as identity_type,
        unnest(string_split("Additional email addresses", ';')) as identity_value,
        "Record ID" as contact_id
    from exported
) to 'exports/identities.parquet' (format parquet);

-- one row per e-mail event, as often as it was exported
copy (
    with

    exported as (

        select * from read_csv('incoming/email_activity*.csv', all_varchar = true, union_by_name = true)

    )

    select
        coalesce(
            sg_event_id,
            md5(concat_ws('|', "timestamp", email, event, sg_message_id, url))
        ) as event_id,
        case event
            when 'processed' then 'email_sent'
            when 'delivered' then 'email_delivered'
            when 'deferred' then 'email_deferred'
            when 'open' then 'email_open'
            when 'click' then 'email_click'
            when 'bounce' then if("type" = 'blocked', 'email_soft_bounce', 'email_hard_bounce')
            when 'unsubscribe' then 'email_unsubscribe'
            when 'spamreport' then 'email_spam_complaint'
            else event
        end as event_type,
        to_timestamp(try_cast("timestamp" as bigint)) as occurred_at,
        email as email_address,
        sg_message_id as message_id,
        url as link_url,
        useragent as user_agent,
        sg_machine_open as is_machine
    from exported
    where coalesce(event, '') not in ('dropped', 'group_unsubscribe', 'group_resubscribe')
) to 'exports/email_events.parquet' (format parquet);

-- one row per meeting, guest and what became of it
copy (
    with

    exported as (

        select * from read_csv('incoming/meetings*.csv', all_varchar = true, union_by_name = true)

    ),

    guests as (

        select
            "Activity ID" as activity_id,
            unnest(string_split("Associated contact IDs", ';')) as contact_id,
            try_strptime("Create date", '%Y-%m-%d %H:%M') at time zone 'Europe/Stockholm' as booked_at,
            try_strptime("Meeting start time", '%Y-%m-%d %H:%M') at time zone 'Europe/Stockholm' as started_at,
            "Meeting outcome" as outcome,
            "Meeting name" as detail
        from exported

    )

    select
        concat_ws('-', activity_id, contact_id, 'booked') as event_id,
        'meeting_booked' as event_type,
        booked_at as occurred_at,
        contact_id,
        detail
    from guests
    union all
    select
        concat_ws('-', activity_id, contact_id, 'attended') as event_id,
        'meeting_attended' as event_type,
        started_at as occurred_at,
        contact_id,
        detail
    from guests
    where outcome = 'COMPLETED'
) to 'exports/activities.parquet' (format parquet);
