package io.tidemark.pipeline;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tidemark.AmbientUse;
import org.junit.jupiter.api.Test;

/**
 * Holds what depends on what among the verticles, and that nothing takes its world from anywhere.
 */
class VerticlesArchitectureTest {

  /** What decides, as against what does: they know no event bus, no stores, no timers. */
  private static final String CORES =
      "(IngestMinter|SourceMinter|Minter|EpochWriter|IngestWriter|SourceWriter|Producer"
          + "|Assignment|Counting|MemoryBudget|RowDecoder|Appender)(\\$.*)?";

  private static final String[] PARTS = {"mint", "write", "append", "read", "admin", "lease"};

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.tidemark");

  private static String[] packages(String... names) {
    String[] packages = new String[names.length];
    for (int i = 0; i < names.length; i++) {
      packages[i] = "io.tidemark." + names[i] + "..";
    }
    return packages;
  }

  @Test
  void shouldTakeTimeRandomnessAndIdsFromTheEnvironment() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(PARTS))
        .should(AmbientUse.useTheAmbient())
        .check(ALL);
  }

  @Test
  void shouldReachVertxOnlyThroughTheBusTheEnvironmentAndTheDeployer() {
    noClasses()
        .that()
        .resideInAnyPackage(packages(PARTS))
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.vertx.core.Vertx")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("io.vertx.core.eventbus..")
        .check(ALL);
  }

  @Test
  void shouldKeepTheCoresPure() {
    noClasses()
        .that()
        .resideInAnyPackage(packages("mint", "write", "append"))
        .and()
        .haveNameMatching(".*\\." + CORES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages("environment", "location"))
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("io\\.vertx\\.core\\.(Future|Promise|Vertx|Context|VerticleBase)")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("io\\.tidemark\\.protocol\\.(Vertx)?Bus")
        .check(ALL);
  }

  @Test
  void shouldKnowEachOtherOnlyByMessages() {
    separate("write", "mint", "append", "read", "admin", "lease");
    separate("read", "write", "mint", "append", "admin", "lease");
    separate("mint", "write", "append", "admin", "lease");
    separate("append", "write", "mint", "admin", "lease");
    // Who there is to write, is listed with mint.
    separate("admin", "write", "append", "lease");
    separate("lease", "write", "admin");
  }

  private void separate(String from, String... others) {
    noClasses()
        .that()
        .resideInAnyPackage(packages(from))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages(others))
        .check(ALL);
  }

  @Test
  void shouldPointOneWay() {
    noClasses()
        .that()
        .resideInAPackage("io.tidemark..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.tidemark.launcher..")
        .check(ALL);
    noClasses()
        .that()
        .resideOutsideOfPackages(packages(PARTS))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages(PARTS))
        .check(ALL);
  }
}
