package io.tidemark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Holds the direction of dependencies, and that time, randomness and ids come in from outside. */
class ArchitectureTest {

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.tidemark");

  @Test
  void shouldTakeTimeRandomnessAndIdsFromTheEnvironment() {
    noClasses()
        .that()
        .resideInAPackage("io.tidemark..")
        .and()
        .haveNameNotMatching(".*\\.VertxEnvironment(\\$.*)?")
        .should(AmbientUse.useTheAmbient())
        .because("only the environment's Vert.x form may; everything else is given it")
        .check(classes);
  }

  @Test
  void shouldKeepTimeFreeOfEverythingElse() {
    noDependency("progress", "environment", "row", "location", "persist", "protocol", "client");
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.progress..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.vertx..")
        .check(classes);
  }

  @Test
  void shouldKeepRowsFreeOfStoresAndBus() {
    noDependency("row", "environment", "location", "persist", "protocol", "client");
  }

  @Test
  void shouldKeepStoresFreeOfShardsAndBus() {
    noDependency("location", "row", "persist", "protocol", "client");
  }

  @Test
  void shouldKeepPersistFreeOfTheEventBus() {
    noDependency("persist", "protocol", "client");
    noClasses()
        .that()
        .resideInAnyPackage("io.tidemark.persist..", "io.tidemark.location..", "io.tidemark.row..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.vertx.core.eventbus..")
        .check(classes);
  }

  private void noDependency(String from, String... targets) {
    String[] packages = new String[targets.length];
    for (int i = 0; i < targets.length; i++) {
      packages[i] = "io.tidemark." + targets[i] + "..";
    }
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage("io.tidemark." + from + "..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(packages);
    rule.allowEmptyShould(true).check(classes);
  }
}
