package io.tidemark.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tidemark.AmbientUse;
import org.junit.jupiter.api.Test;

/** Holds the direction of dependencies, and that time, randomness and ids come in from outside. */
class ArchitectureTest {

  private static final String[] VERTICLES = {
    "io.tidemark.write..",
    "io.tidemark.mint..",
    "io.tidemark.append..",
    "io.tidemark.lease..",
    "io.tidemark.admin.."
  };

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.tidemark");

  @Test
  void shouldTakeTimeRandomnessAndIdsFromTheEnvironment() {
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.launcher..")
        .should(AmbientUse.useTheAmbient())
        .check(classes);
  }

  @Test
  void shouldDependOneWay() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.tidemark.launcher..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.tidemark.launcher..")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.launcher.http..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(VERTICLES)
        .because("HTTP is a face over the bus")
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage("io.tidemark.launcher.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.tidemark.launcher.http..", "io.tidemark.persist..")
        .because("commands speak HTTP to a node")
        .check(classes);
  }
}
