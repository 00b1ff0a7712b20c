package io.tidemark.row;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tidemark.Seeds;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows as CSV, read back by a small strict reader. */
class CsvRowWriterTest {

  @Test
  void shouldWriteAHeaderAndALineForEachUpdate() {
    Schema schema =
        Schema.of(
            Column.required("id", ColumnType.INT64),
            Column.nullable("note", ColumnType.STRING),
            Column.nullable("price", ColumnType.decimal(9, 2)),
            Column.nullable("doc", ColumnType.JSON),
            Column.nullable("raw", ColumnType.BYTES));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.int64(0, Long.MAX_VALUE).string(1, "plain").bytes(4, new byte[] {-1, -2}).row(1, 1);
    builder.int64(0, 2).string(1, "").bytes(4, new byte[0]).row(1, -1);
    builder.int64(0, 3).string(1, "a,\"b\"\r\n").decimal(2, new BigDecimal("1.5"));
    builder.json(3, "{\"a\":1}").row(1, 2);
    builder.int64(0, 4).string(1, " blank").row(2, 1);
    builder.error("went wrong, badly", 3, 1);
    assertEquals(
        """
        id,note,price,doc,raw,_time,_diff,_error
        9223372036854775807,plain,,,//4=,1,1,
        2,"",,,"",1,-1,
        3,"a,""b""\r\n",1.50,"{""a"":1}",,1,2,
        4," blank",,,,2,1,
        ,,,,,3,1,"went wrong, badly"
        """
            .replaceAll("(?<!\r)\n(?!\")", "\r\n"),
        text(new CsvRowWriter(schema, RowFields.ALL), builder.build()));
  }

  @Test
  void shouldWriteTimesAndDiffsIfAsked() {
    Schema schema = Schema.of(Column.nullable("b", ColumnType.BOOL));
    UpdateBlockBuilder builder = new UpdateBlockBuilder(schema);
    builder.bool(0, true).row(5, 2);
    UpdateBlock block = builder.build();
    assertEquals(
        "b,_diff,_error\r\ntrue,2,\r\n", text(new CsvRowWriter(schema, RowFields.SNAPSHOT), block));
    assertEquals(
        "b,_error\r\ntrue,\r\n",
        text(new CsvRowWriter(schema, new RowFields(false, false)), block));
  }

  @Test
  void shouldBeReadBackToTheSameValues() {
    Seeds.forEach(
        300,
        seed -> {
          UpdateBlock block = new RandomBlocks(seed).block();
          List<List<String>> lines =
              parse(text(new CsvRowWriter(block.schema(), RowFields.ALL), block));
          assertEquals(block.size() + 1, lines.size());
          for (int i = 0; i < block.size(); i++) {
            assertEquals(expected(block, i), lines.get(i + 1));
          }
        });
  }

  /** The fields of a line: what JSON's reader would make the value of, or null. */
  private static List<String> expected(UpdateBlock block, int i) {
    Update update = Update.of(block, i);
    List<String> fields = new ArrayList<>();
    for (int c = 0; c < block.schema().size(); c++) {
      fields.add(field(block.schema().column(c).type(), update.row().get(c), block, c, i));
    }
    fields.add(Long.toString(update.time()));
    fields.add(Long.toString(update.diff()));
    fields.add(update.error());
    return fields;
  }

  private static String field(ColumnType type, Object value, UpdateBlock block, int c, int i) {
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case DECIMAL -> ((BigDecimal) value).toPlainString();
      case FLOAT64, TIMESTAMP, DATE -> {
        ByteSink out = new ByteSink(8);
        ValueText.put(out, type, block.column(c), i);
        yield new String(out.toArray(), StandardCharsets.UTF_8);
      }
      case BYTES -> {
        byte[] bytes = HexFormat.of().parseHex(value.toString().substring(2));
        yield java.util.Base64.getEncoder().encodeToString(bytes);
      }
      default -> value.toString();
    };
  }

  private static String text(RowWriter writer, UpdateBlock block) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(writer.header());
    writer.chunks(block, 100).forEachRemaining(out::writeBytes);
    return out.toString(StandardCharsets.UTF_8);
  }

  /** All lines; a field is null if it is empty and not in quotes. */
  private static List<List<String>> parse(String csv) {
    List<List<String>> lines = new ArrayList<>();
    List<String> line = new ArrayList<>();
    int at = 0;
    while (at < csv.length()) {
      StringBuilder field = new StringBuilder();
      boolean quoted = csv.charAt(at) == '"';
      if (quoted) {
        at++;
        while (csv.charAt(at) != '"' || (at + 1 < csv.length() && csv.charAt(at + 1) == '"')) {
          field.append(csv.charAt(at));
          at += csv.charAt(at) == '"' ? 2 : 1;
        }
        at++;
      } else {
        while (csv.charAt(at) != ',' && csv.charAt(at) != '\r') {
          field.append(csv.charAt(at++));
        }
      }
      line.add(quoted || field.length() > 0 ? field.toString() : null);
      if (csv.charAt(at) == '\r') {
        assertEquals('\n', csv.charAt(at + 1));
        lines.add(line);
        line = new ArrayList<>();
        at++;
      }
      at++;
    }
    return lines;
  }
}
