{#- Fails with each file of which the model has more or fewer rows than bronze has lines. -#}
{%- test holds_every_line_of_bronze(model) -%}
with lines as (
    select
        source_file,
        count(*) as line_count
    from {{ ref('stg_facilities') }}
    where
        {{ in_scope('snapshot_folder', as_text=true) }}
        and {{ in_changed_files('source_file') }}
    group by source_file
),

judged as (
    select
        source_file,
        count(*) as line_count
    from {{ model }}
    group by source_file
)

select
    coalesce(lines.source_file, judged.source_file) as source_file,
    lines.line_count as lines_in_bronze,
    judged.line_count as lines_judged
from lines
full outer join judged
    on lines.source_file = judged.source_file
where coalesce(lines.line_count, 0) <> coalesce(judged.line_count, 0)
{%- endtest -%}
