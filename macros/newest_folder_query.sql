{#- For source freshness: when the newest date folder of the last fortnight began, or long ago when no folder exists.
    The bounds are literals, so that only those folders are read. -#}
{%- macro newest_folder_query() -%}
    {%- set today = run_started_at.date() -%}
    {%- set fortnight_ago = today - modules.datetime.timedelta(days=14) -%}
    select coalesce(max(cast(snapshot_date as timestamp)), timestamp '1970-01-01 00:00:00') as newest
    from {{ source('bronze', 'facility_lines') }}
    where snapshot_date between '{{ fortnight_ago }}' and '{{ today }}'
{%- endmacro -%}
