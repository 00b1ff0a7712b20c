package io.tidemark.launcher.tools;

import io.tidemark.launcher.cli.Terminal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Standard output of a command. */
final class Output {

  private Output() {}

  /** Prints lines, at once. */
  static void print(Terminal terminal, List<String> lines) throws IOException {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append('\n'));
    OutputStream out = terminal.out();
    out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
