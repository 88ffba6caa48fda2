select
    field_name,
    count(*) as record_count
from {{ ref('stg_facilities') }}
cross join unnest(field_names) as record_fields (field_name)
where
    {{ in_scope('snapshot_folder', as_text=true) }}
    and field_name not in ('{{ var('known_fields') | join("', '") }}')
group by field_name
