package io.recant.jobs.report;

import io.recant.core.config.Setting;

/**
 * What goes onto the page. Every number bounds the size of the page, whatever the size of the run.
 *
 * @param title heading of the page
 * @param top most suspicious samples shown per corpus
 * @param corpora corpora shown
 * @param textLength characters shown of one text
 * @param curvePoints points per curve
 */
public record ReportConfig(
    @Setting(value = "Heading of the page", defaultValue = "Recant report") String title,
    @Setting(
            value =
                "Most suspicious samples shown per corpus; 0 keeps every text and picture off the page",
            defaultValue = "50",
            min = 0,
            max = 1000)
        int top,
    @Setting(
            value = "Corpora shown, those with the most samples first",
            defaultValue = "20",
            min = 1,
            max = 200)
        int corpora,
    @Setting(
            value = "Characters shown of an input, a target, a context or a reason",
            defaultValue = "600",
            min = 20,
            max = 20000)
        int textLength,
    @Setting(value = "Points per curve", defaultValue = "200", min = 10, max = 2000)
        int curvePoints) {}
