{#- A predicate that holds for a text with at least one character that is not one of the six ASCII white-space characters. -#}
{%- macro has_text(text) -%}
    regexp_like({{ text }}, '[^ \t\n\x0b\f\r]')
{%- endmacro -%}
