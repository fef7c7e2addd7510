<?php

/*
 * Fills a table of the PHP library simple-job-queue by that library, with jobs in every state that it knows. make.ts
 * runs it. No time that matters here is over before 2036.
 */

declare(strict_types=1);

[, $library, $type, $dsn, $user, $password, $table, $compression] = $argv;
require "$library/src/Job_Queue.php";

const TEN_YEARS = 315_360_000;

$queue = new n0nag0n\Job_Queue($type, [
    $type => ['table_name' => $table, 'use_compression' => $compression === 'compressed'],
]);
$queue->addQueueConnection(new PDO($dsn, $user, $password, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]));

function add(string $pipeline, string $payload, int $delay = 0, int $priority = 1024, int $timeToRetry = 60): void
{
    global $queue;
    $queue->selectPipeline($pipeline);
    $queue->addJob($payload, $delay, $priority, $timeToRetry);
}

function take(string $pipeline): array
{
    global $queue;
    $queue->watchPipeline($pipeline);
    $job = $queue->getNextJobAndReserve();
    if ($job === []) {
        throw new RuntimeException("$pipeline has no job");
    }
    return $job;
}

add('mails', '{"n":1,"name":"Ärger 😀"}');
add('mails', '{"n":2}', 0, 1);
add('mails', '{"n":3}', TEN_YEARS, -7);
add('mails', '{"n":4}', TEN_YEARS + 60);
add('mails', json_encode(['n' => 5, 'text' => str_repeat('much of the same. ', 250)]));
add('mails', json_encode(['n' => 6, 'text' => "it's \"quoted\", with a \\ and a line's\nend; -- ?"]));

// A worker had it when it was stopped: at the first attempt, and at the second one.
add('held', '{"n":1}');
take('held');
add('again', '{"n":1}', 0, 1024, 0);
$queue->releaseJob(take('again'));
take('again');

// Released: the second attempt is not before its time.
add('released', '{"n":1}', 0, 1024, TEN_YEARS);
$queue->releaseJob(take('released'));

// Done: not there any more.
add('done', '{"n":1}');
$queue->deleteJob(take('done'));

// The second one is buried first, at its third attempt; the third one is kicked.
add('buried', '{"n":1}', 0, 9, 0);
add('buried', '{"n":2}', 0, 5, 0);
add('buried', '{"n":3}', 0, 1, 0);
$kicked = take('buried');
$queue->buryJob($kicked);
$queue->releaseJob(take('buried'));
$queue->releaseJob(take('buried'));
$queue->buryJob(take('buried'));
sleep(2);
$queue->buryJob(take('buried'));
$queue->kickJob($kicked);

// No JSON, an empty text, a name that no pipeline can have here.
add('reports', serialize(['n' => 8]));
add('reports', '');
add('my mails', '{"n":1}');

// Only these take bytes that are no text.
if ($type === 'sqlite' || $compression === 'compressed') {
    add('bytes', "\xff\xfe");
}
