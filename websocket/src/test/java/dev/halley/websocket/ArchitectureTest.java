package dev.halley.websocket;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The protocol does no I/O, has no thread, no clock and no log. */
class ArchitectureTest {
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.halley.websocket");

  @Test
  void onlyTheJdksValuesAndCollectionsAreUsed() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            DescribedPredicate.or(
                JavaClass.Predicates.resideInAnyPackage(
                    "dev.halley.websocket",
                    "org.jspecify.annotations",
                    "java.lang",
                    "java.lang.runtime",
                    "java.lang.invoke",
                    "java.nio",
                    "java.nio.charset",
                    "java.security",
                    "java.util",
                    "java.util.function",
                    "java.util.random",
                    "java.util.zip",
                    "java.util.stream"),
                DescribedPredicate.describe(
                    "are arrays of primitives", type -> type.getBaseComponentType().isPrimitive())))
        .check(MODULE);
  }

  @Test
  void nothingStartsThreadsOrReadsClocksOrLogs() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(
            Thread.class,
            Runtime.class,
            ThreadLocal.class,
            System.Logger.class,
            java.util.Timer.class,
            java.util.Date.class,
            java.util.Calendar.class)
        .orShould()
        .dependOnClassesThat()
        .belongToAnyOf(System.class)
        .check(MODULE);
  }
}
