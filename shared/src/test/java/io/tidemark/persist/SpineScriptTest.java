package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The rules of the spine, as scripts that say what it does: one test per file. What is expected is
 * worked out from the rules; {@code -Dspine.rewrite} writes what is printed into the files, to be
 * read before it is believed.
 */
class SpineScriptTest {

  private static final Path SCRIPTS =
      Path.of(System.getProperty("basedir", "."))
          .resolve("src/test/resources/io/tidemark/persist/spine");

  @TestFactory
  List<DynamicTest> scripts() throws IOException {
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      List<DynamicTest> tests =
          files
              .filter(file -> file.toString().endsWith(".spine"))
              .sorted()
              .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> run(file)))
              .toList();
      assertFalse(tests.isEmpty(), "there are no scripts in " + SCRIPTS);
      return tests;
    }
  }

  private static void run(Path file) {
    try {
      String script = Files.readString(file);
      String printed = SpineScript.run(script);
      if (System.getProperty("spine.rewrite") != null) {
        Files.writeString(file, printed);
      } else {
        assertEquals(script, printed);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
