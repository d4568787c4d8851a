-- Whose an address or a visitor is: the contact that is left after all merges.

with recursive

contacts as (

    select * from read_parquet('{{ var("raw_files") }}/contacts.parquet')

),

merges as (

    select
        merged.contact_id,
        targets.contact_id as reached
    from contacts as merged
    inner join contacts as targets
        on merged.merged_into_contact_id = targets.contact_id

),

chains as (

    select * from merges
    union
    select
        chains.contact_id,
        merges.reached
    from chains
    inner join merges
        on chains.reached = merges.contact_id

),

ends as (

    select *
    from chains
    where reached not in (select merges.contact_id from merges)

),

actors as (

    select
        email_address as actor,
        contact_id
    from contacts
    union all
    select
        identity_value as actor,
        contact_id
    from read_parquet('{{ var("raw_files") }}/identities.parquet')
    where identity_type = 'visitor'

)

select
    actors.actor,
    coalesce(ends.reached, actors.contact_id) as contact_id
from actors
left join ends
    on actors.contact_id = ends.contact_id
