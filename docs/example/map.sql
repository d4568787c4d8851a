-- From the exports in incoming/ to the raw tables in exports/. All columns are read as text, so that
-- an id such as 0101 keeps its zero and no time is guessed. Where exports overlap, the newest row
-- counts.

-- a time of the CRM, in the time zone of its account
create or replace temp macro account_time(written) as
    try_strptime(written, '%Y-%m-%d %H:%M') at time zone 'Europe/Stockholm';

-- a time of another form than expected is passed on as unreadable, so that the build reports it
create or replace temp macro or_unreadable(time_read, written) as
    coalesce(cast(time_read as varchar), 'unreadable: ' || written);

-- one row per contact and change of it
create or replace temp view exported_contacts as

with

exported as (

    select
        *,
        account_time("Last Modified Date") as updated_at
    from read_csv('incoming/contacts*.csv', all_varchar = true, union_by_name = true, filename = true)

)

select
    "Record ID" as contact_id,
    "Email" as email_address,
    nullif(concat_ws(' ', "First Name", "Last Name"), '') as full_name,
    "Company name" as company_name,
    "Job Title" as job_title,
    "Phone Number" as phone,
    "Contact owner" as owner,
    or_unreadable(account_time("Create Date"), "Create Date") as created_at,
    updated_at,
    or_unreadable(updated_at, "Last Modified Date") as updated_at_as_read,
    "Additional email addresses" as further_addresses,
    "Merged record IDs" as merged_ids,
    row_number() over (partition by "Record ID" order by updated_at desc nulls last, filename desc) = 1 as is_newest
from exported
qualify row_number() over (partition by "Record ID", updated_at order by filename desc) = 1;

-- one row per contact that was merged away, by the newest row of the one that is left
create or replace temp view merged_away as

with

merged as (

    select
        trim(unnest(string_split(merged_ids, ';'))) as contact_id,
        contact_id as merged_into_contact_id,
        updated_at
    from exported_contacts
    where is_newest

)

select
    contact_id,
    merged_into_contact_id
from merged
where contact_id <> ''
qualify row_number() over (partition by contact_id order by updated_at desc nulls last) = 1;

-- one row per contact and change; those merged away are in exports older than the merge, or in none
copy (
    with

    contacts as (

        select
            exported_contacts.contact_id,
            exported_contacts.email_address,
            exported_contacts.full_name,
            exported_contacts.company_name,
            exported_contacts.job_title,
            exported_contacts.phone,
            exported_contacts.owner,
            exported_contacts.created_at,
            exported_contacts.updated_at_as_read as updated_at,
            merged_away.merged_into_contact_id
        from exported_contacts
        left join merged_away on exported_contacts.contact_id = merged_away.contact_id

    ),

    not_exported as (

        select * from merged_away
        where not exists (
            select 1 from exported_contacts
            where exported_contacts.contact_id = merged_away.contact_id
        )

    )

    select * from contacts
    union all by name
    select * from not_exported
) to 'exports/contacts.parquet' (format parquet);

-- one row per further address of a contact
copy (
    select
        'email' as identity_type,
        trim(unnest(string_split(further_addresses, ';'))) as identity_value,
        contact_id
    from exported_contacts
    where is_newest
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
        or_unreadable(try(to_timestamp(cast("timestamp" as bigint))), "timestamp") as occurred_at,
        email as email_address,
        sg_message_id as message_id,
        url as link_url,
        useragent as user_agent,
        sg_machine_open as is_machine
    from exported
    where coalesce(event, '') not in ('dropped', 'group_unsubscribe', 'group_resubscribe')
) to 'exports/email_events.parquet' (format parquet);

-- one row per meeting, guest and what became of it, by the newest export
copy (
    with

    exported as (

        select * from read_csv('incoming/meetings*.csv', all_varchar = true, union_by_name = true, filename = true)
        qualify row_number() over (partition by "Activity ID" order by filename desc) = 1

    ),

    guests as (

        select
            "Activity ID" as activity_id,
            -- a meeting without a guest stays a row, which the build rejects and counts
            trim(unnest(coalesce(string_split("Associated contact IDs", ';'), ['']))) as contact_id,
            or_unreadable(account_time("Create date"), "Create date") as booked_at,
            or_unreadable(account_time("Meeting start time"), "Meeting start time") as started_at,
            upper("Meeting outcome") as outcome,
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
