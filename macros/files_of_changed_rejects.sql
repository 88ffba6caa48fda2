{#- In an unchanged file only the reason duplicate_facility can change, when a line of the same facility in another file
    appears or disappears. Comparing the number of duplicates of each facility and file is therefore enough to find these
    files, and no hash is read. The facility of an existing reject is parsed from its raw line, because the table of
    rejects has no facility_id. -#}
{%- macro files_of_changed_rejects(stage) -%}
    {#- The MERGE contains the URIs four times, and Athena accepts queries of at most 262,144 bytes. -#}
    {%- set most_bytes = 55000 -%}
    {%- set most_found = 500 -%}
    {%- set changed_files = var('changed_files') -%}
    {%- if not execute or not compares_with_table() or changed_files is none -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set query -%}
with verdicts as (
    {{ facility_verdicts(stage, columns=['source_file', 'facility_id']) }}
),

rejects as (
    select
        source_file,
        reject_reason,
        case when reject_reason = 'duplicate_facility' then facility_id end as facility_id,
        1 as amount
    from verdicts
    where reject_reason is not null
    union all
    select
        source_file,
        reject_reason,
        case
            when reject_reason = 'duplicate_facility'
                then json_extract_scalar(try(json_parse(raw_line)), '$.facility_id')
        end as facility_id,
        -1 as amount
    from {{ this }}
    where {{ in_scope('snapshot_date') }}
),

differences as (
    select source_file
    from rejects
    group by source_file, reject_reason, facility_id
    having sum(amount) <> 0
)

select distinct source_file
from differences
limit {{ most_found + 1 }}
    {%- endset -%}
    {%- set found = run_query(query).columns[0].values() | list -%}
    {%- set files = (changed_files + found) | unique | list -%}
    {%- set can_be_named = found | length <= most_found and files | join | length <= most_bytes -%}
    {{- return(files if can_be_named else none) -}}
{%- endmacro -%}
