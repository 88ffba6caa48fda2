{#- The pattern of the "$path" of a file that holds records: directly in a date folder of bronze, visible to Athena
    (no leading underscore or dot), with one of the two suffixes. Athena itself would also read folders below. -#}
{%- macro record_file_pattern() -%}
    \As3://[^/]+/{{ var('prefixes')['bronze'] }}/[0-9]{4}-[0-9]{2}-[0-9]{2}/[^/_.][^/]*\.jsonl(\.gz)?\z
{%- endmacro -%}
