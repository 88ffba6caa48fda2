{%- macro in_files(files, column) -%}
    {%- if files is none -%}
        true
    {%- elif not files -%}
        false
    {%- else -%}
        {{ column }} in ('{{ files | map('replace', "'", "''") | join("', '") }}')
    {%- endif -%}
{%- endmacro -%}
