package io.tidemark.launcher.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.launcher.CommandLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The reference names every command and option there is, and none that there is not. */
class CommandLineDocTest {

  private static final Pattern OPTION = Pattern.compile("(?<![\\w-])--?[a-z][a-z-]*");

  /** Those that the head of the page has for all commands. */
  private static final Set<String> COMMON =
      Set.of("-h", "--help", "--url", "--token-file", "--ca-file", "--cert-file", "--key-file");

  @Test
  void shouldNameEveryCommandAndOption() throws IOException {
    String page = Files.readString(Path.of("../docs/reference/command-line.md"));
    Map<String, CommandLine> commands =
        CommandLines.commandLine(CapturedTerminal.withInput("").terminal()).getSubcommands();
    Set<String> documented = new TreeSet<>();
    String[] sections = page.split("\n## ", -1);
    for (String option : COMMON) {
      assertTrue(sections[0].contains("`" + option), option);
    }
    for (ExitCode code : ExitCode.values()) {
      assertTrue(sections[0].contains("| " + code.number() + " |"), code.toString());
    }
    for (int i = 1; i < sections.length; i++) {
      String name = sections[i].split("\\s", 2)[0];
      documented.add(name);
      assertTrue(commands.containsKey(name), "there is no command " + name);
      CommandSpec spec = commands.get(name).getCommandSpec();
      assertEquals(options(spec), optionsInTable(sections[i]), "the options of " + name);
      String title = sections[i].lines().findFirst().orElseThrow();
      String positional =
          spec.positionalParameters().stream()
              .map(
                  each ->
                      each.arity().min() == 0 ? "[" + each.paramLabel() + "]" : each.paramLabel())
              .collect(Collectors.joining(" "));
      assertEquals((name + " " + positional).strip(), title);
    }
    Set<String> existing = new TreeSet<>(commands.keySet());
    existing.remove("help");
    assertEquals(existing, documented);
  }

  private static Set<String> options(CommandSpec spec) {
    Set<String> names = new TreeSet<>();
    for (OptionSpec option : spec.options()) {
      names.addAll(Set.of(option.names()));
    }
    names.removeAll(COMMON);
    return names;
  }

  private static Set<String> optionsInTable(String section) {
    Set<String> names = new TreeSet<>();
    section
        .lines()
        .filter(line -> line.startsWith("| `-"))
        .map(line -> line.split("\\|", -1)[1])
        .forEach(
            cell -> {
              Matcher option = OPTION.matcher(cell);
              while (option.find()) {
                names.add(option.group());
              }
            });
    return names;
  }
}
