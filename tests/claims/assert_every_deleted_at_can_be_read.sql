{{ config(severity='warn', meta=is_check_of('stg_contacts')) }}

-- A contact whose deleted_at is filled in and cannot be read as a time is not deleted: somebody should know.
select count(*) as contacts
from {{ ref('stg_contacts') }}
where deleted_at_as_read is not null and deleted_at is null
having count(*) > 0
