{%- macro has_text(text) -%}
    regexp_like({{ text }}, '[^ \t\n\x0b\f\r]')
{%- endmacro -%}
