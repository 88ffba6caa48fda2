{#- In `dbt build` the test reads nothing and passes, because the build has just created the model from bronze. `dbt
    test` reads bronze again. -#}
{%- test holds_every_line_of_bronze(model) -%}
    {%- set asked = 'true' if flags.WHICH != 'build' else 'false' -%}
with lines as (
    select
        source_file,
        count(*) as line_count
    from {{ ref('stg_facilities') }}
    where
        {{ in_scope('snapshot_folder', as_text=true) }}
        and {{ in_changed_files('source_file') }}
        and {{ asked }}
    group by source_file
),

judged as (
    select
        source_file,
        count(*) as line_count
    from {{ model }}
    where {{ asked }}
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
