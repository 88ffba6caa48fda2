{#- The bounds are literals, so that Athena reads only these folders. -#}
{%- macro newest_folder_query() -%}
    {%- set today = run_started_at.date() -%}
    {%- set fortnight_ago = today - modules.datetime.timedelta(days=14) -%}
    select coalesce(max(cast(snapshot_date as timestamp)), timestamp '1970-01-01 00:00:00') as newest
    from {{ source('bronze', 'facility_lines') }}
    where snapshot_date between '{{ fortnight_ago }}' and '{{ today }}'
{%- endmacro -%}
