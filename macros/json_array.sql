{%- macro json_array(json, path) -%}
    try_cast(json_extract({{ json }}, '{{ path }}') as array(json))
{%- endmacro -%}
