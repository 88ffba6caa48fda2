{{ config(severity='warn') }}

with field_names as (
    select record_fields.field_name
    from {{ ref('int_judged_lines') }} as judged_lines
    cross join unnest(judged_lines.field_names) as record_fields (field_name)
    where
        {{ in_scope('judged_lines.snapshot_date') }}
        and {{ in_changed_files('judged_lines.source_file') }}
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
