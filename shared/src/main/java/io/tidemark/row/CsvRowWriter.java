package io.tidemark.row;

import java.nio.charset.StandardCharsets;

/**
 * Writes updates as CSV (RFC 4180): a header line, then a line for each update with its columns,
 * {@code _time} and {@code _diff} if they are to be written, and {@code _error}.
 *
 * <p>Null is an empty field; the empty text is {@code ""}, in quotes. Values read as in JSON, but
 * for the quotes: bytes are base64, timestamps ISO-8601 in UTC, json is its canonical text.
 */
public final class CsvRowWriter extends RowWriter {

  public CsvRowWriter(Schema schema, RowFields fields) {
    super(schema, fields);
  }

  /** The line of names. */
  @Override
  public byte[] header() {
    StringBuilder names = new StringBuilder();
    schema.columns().forEach(column -> names.append(column.name()).append(','));
    names.append(fields.time() ? Schema.TIME + "," : "");
    names.append(fields.diff() ? Schema.DIFF + "," : "");
    return names.append(Schema.ERROR).append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  void put(ByteSink out, UpdateBlock block, int i) {
    for (int c = 0; c < schema.size(); c++) {
      if (!block.column(c).isNull(i)) {
        putValue(out, schema.column(c).type(), block.column(c), i);
      }
      out.putByte(',');
    }
    if (fields.time()) {
      out.putDecimal(block.times().get(i));
      out.putByte(',');
    }
    if (fields.diff()) {
      out.putDecimal(block.diffs().get(i));
      out.putByte(',');
    }
    Vector.Bytes errors = block.errors();
    if (errors != null && !errors.isNull(i)) {
      putText(out, errors.data(), errors.offset(i), errors.length(i));
    }
    out.putByte('\r');
    out.putByte('\n');
  }

  private static void putValue(ByteSink out, ColumnType type, Vector vector, int i) {
    switch (type.kind()) {
      case STRING, JSON, BYTES -> {
        if (type.kind() == ColumnType.Kind.BYTES && ((Vector.Bytes) vector).length(i) > 0) {
          ValueText.put(out, type, vector, i);
        } else {
          Vector.Bytes texts = (Vector.Bytes) vector;
          putText(out, texts.data(), texts.offset(i), texts.length(i));
        }
      }
      default -> ValueText.put(out, type, vector, i);
    }
  }

  /** Writes a text, in quotes where it would be read wrongly without. */
  private static void putText(ByteSink out, byte[] utf8, int from, int length) {
    if (!needsQuotes(utf8, from, length)) {
      out.putBytes(utf8, from, length);
      return;
    }
    out.putByte('"');
    int plain = from;
    for (int i = from; i < from + length; i++) {
      if (utf8[i] == '"') {
        out.putBytes(utf8, plain, i + 1 - plain);
        plain = i; // and once more
      }
    }
    out.putBytes(utf8, plain, from + length - plain);
    out.putByte('"');
  }

  private static boolean needsQuotes(byte[] utf8, int from, int length) {
    if (length == 0 || utf8[from] == ' ' || utf8[from + length - 1] == ' ') {
      return true;
    }
    for (int i = from; i < from + length; i++) {
      byte c = utf8[i];
      if (c == ',' || c == '"' || c == '\n' || c == '\r') {
        return true;
      }
    }
    return false;
  }
}
