package io.tidemark.launcher.faults;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

/**
 * Which faults a run injects, and how many: {@code -Dfaults.form=short} (minutes, part of the
 * default build) or {@code long}; {@code -Dfaults.seed=N} repeats the random choices of a run;
 * {@code -Dfaults.only=ZOMBIE,HALVES} runs some classes alone.
 *
 * @param only the classes that are planned
 */
record FaultForm(boolean isLong, long seed, Set<FaultClass> only) {

  /** As the system properties say. */
  static FaultForm ofProperties() {
    return new FaultForm(
        System.getProperty("faults.form", "short").equals("long"),
        seed(System.getProperty("faults.seed", "")),
        only(System.getProperty("faults.only", "")));
  }

  private static long seed(String text) {
    return text.isEmpty() ? ThreadLocalRandom.current().nextInt(1_000_000) : Long.parseLong(text);
  }

  private static Set<FaultClass> only(String text) {
    Set<FaultClass> only = EnumSet.noneOf(FaultClass.class);
    Arrays.stream(text.split(",", -1))
        .filter(name -> !name.isBlank())
        .forEach(name -> only.add(FaultClass.valueOf(name.strip())));
    return only.isEmpty() ? EnumSet.allOf(FaultClass.class) : only;
  }

  /** How often something is done in this form. */
  int count(int inShort, int inLong) {
    return isLong ? inLong : inShort;
  }

  /** Whether any of these classes is planned. */
  boolean plans(FaultClass... classes) {
    return Arrays.stream(classes).anyMatch(only::contains);
  }

  /** What tells another process the same. */
  List<String> properties() {
    return List.of(
        "-Dfaults.form=" + (isLong ? "long" : "short"),
        "-Dfaults.seed=" + seed,
        "-Dfaults.only=" + only.stream().map(FaultClass::name).collect(Collectors.joining(",")));
  }

  @Override
  public String toString() {
    return "-Dfaults.form=" + (isLong ? "long" : "short") + " -Dfaults.seed=" + seed;
  }
}
