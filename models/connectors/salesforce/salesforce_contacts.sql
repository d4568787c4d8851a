{{ config(enabled=is_connected('salesforce')) }}
{%- set account = source_table('salesforce', 'account') %}
{%- set user = source_table('salesforce', 'user') %}

with

accounts as (

    select
        {{ raw_text(account, 'id') }} as account_id,
        {{ raw_text(account, 'name') }} as account_name,
        {{ version_number(account) }} as version_number
    from {{ account.relation }}

),

users as (

    select
        {{ raw_text(user, 'id') }} as owner_id,
        {{ raw_text(user, 'name') }} as full_name,
        {{ raw_text(user, 'first_name') }} as first_name,
        {{ raw_text(user, 'last_name') }} as last_name,
        {{ raw_text(user, 'email') }} as email_address,
        {{ version_number(user) }} as version_number
    from {{ user.relation }}

)

select
    people.source_table,
    people.contact_id,
    people.email_address,
    coalesce(people.full_name, {{ joined_names('people.first_name', 'people.last_name') }}) as full_name,
    coalesce(accounts.account_name, people.company_name) as company_name,
    people.job_title,
    people.country,
    people.phone,
    coalesce(
        users.full_name, {{ joined_names('users.first_name', 'users.last_name') }}, users.email_address, people.owner_id
    ) as owner,
    people.account_id,
    people.created_at,
    coalesce(people.modified_at, people.synced_at) as updated_at,
    people.merged_into_contact_id,
    case when people.is_deleted then coalesce(people.synced_at, {{ as_of() }}) end as deleted_at
from {{ ref('salesforce_people') }} as people
left join accounts
    on people.account_id = accounts.account_id and accounts.version_number = 1
left join users
    on people.owner_id = users.owner_id and users.version_number = 1
where people.left_out is null
