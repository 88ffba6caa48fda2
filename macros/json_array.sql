{#- An expression for the array at a JSON path, of type array(json); null if there is no array. -#}
{%- macro json_array(json, path) -%}
    try_cast(json_extract({{ json }}, '{{ path }}') as array(json))
{%- endmacro -%}
