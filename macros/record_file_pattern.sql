{#- The regular expression for the "$path" of files with records. Such a file is directly in a date folder of bronze, its name
    does not start with an underscore or a dot (Athena ignores these), and it has one of the two suffixes. Athena itself also
    reads subfolders. -#}
{%- macro record_file_pattern() -%}
    \As3://[^/]+/{{ var('prefixes')['bronze'] }}/[0-9]{4}-[0-9]{2}-[0-9]{2}/[^/_.][^/]*\.jsonl(\.gz)?\z
{%- endmacro -%}
