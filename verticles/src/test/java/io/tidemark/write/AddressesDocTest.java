package io.tidemark.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference says what the code does. */
class AddressesDocTest {

  private static final Path REFERENCE = Path.of("..", "docs", "reference", "addresses.md");

  private static String section(String title) throws IOException {
    String text = Files.readString(REFERENCE);
    int start = text.indexOf(title);
    assertTrue(start >= 0, "no section " + title);
    int end = text.indexOf("\n## ", start + title.length());
    return text.substring(start, end < 0 ? text.length() : end);
  }

  /** The first cells of a section's table, and more cells after them. */
  private static List<List<String>> table(String title) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    Matcher row = Pattern.compile("(?m)^\\| `([^`]+)` \\|(.*)\\|$").matcher(section(title));
    while (row.find()) {
      List<String> cells = new ArrayList<>(List.of(row.group(1)));
      Arrays.stream(row.group(2).split("\\|")).map(String::strip).forEach(cells::add);
      rows.add(cells);
    }
    return rows;
  }

  private static List<String> names(String title) throws IOException {
    return table(title).stream().map(row -> row.get(0)).toList();
  }

  @Test
  void shouldNameEveryPublicAddress() throws IOException {
    String name = "<collection>";
    assertEquals(
        List.of(
            Addresses.rows(name),
            Addresses.open(name),
            Addresses.upper(name),
            Addresses.changes(name),
            Addresses.read(name),
            Addresses.ADMIN),
        names("# Addresses and messages"));
  }

  @Test
  void shouldNameEveryHeader() throws IOException, IllegalAccessException {
    List<String> headers = new ArrayList<>();
    for (Field field : Headers.class.getDeclaredFields()) {
      if (field.getType() == String.class && !field.getName().equals("END")) {
        headers.add((String) field.get(null));
      }
    }
    headers.sort(null);
    assertEquals(headers, names("## Headers").stream().sorted().toList());
    assertTrue(section("## Headers").contains("`" + Headers.END + "`"));
  }

  @Test
  void shouldNameEveryFailureCode() throws IOException {
    List<List<String>> documented = table("## Failure codes");
    assertEquals(FailureCode.values().length, documented.size());
    for (List<String> row : documented) {
      FailureCode code = FailureCode.valueOf(row.get(0));
      assertEquals(Integer.toString(code.status()), row.get(1), code.name());
      assertEquals(code.isTransient(), row.get(3).startsWith("yes"), code.name());
    }
  }
}
