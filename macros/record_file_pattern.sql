{#- Athena ignores files whose names start with an underscore or a dot, and itself also reads subfolders. -#}
{%- macro record_file_pattern() -%}
    \As3://[^/]+/{{ var('prefixes')['bronze'] }}/[0-9]{4}-[0-9]{2}-[0-9]{2}/[^/_.][^/]*\.jsonl(\.gz)?\z
{%- endmacro -%}
