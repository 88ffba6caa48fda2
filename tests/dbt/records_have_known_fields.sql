{{ config(severity='warn') }}

with field_names as (
    select record_fields.field_name
    from {{ ref('stg_facilities') }} as facilities
    cross join unnest(facilities.field_names) as record_fields (field_name)
    where {{ in_scope('facilities.snapshot_folder', as_text=true) }}
)

select
    field_name,
    count(*) as record_count
from field_names
where
    field_name not in (
        '{{ var('known_fields') | join("', '") }}'
    )
group by field_name
