{%- macro in_changed_files(column) -%}
    {{- in_files(var('changed_files'), column) -}}
{%- endmacro -%}
