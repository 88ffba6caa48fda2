{#- The elements of the array at a path of a JSON value, or null when there is no array. -#}
{%- macro json_array(json, path) -%}
    try_cast(json_extract({{ json }}, '{{ path }}') as array(json))
{%- endmacro -%}
