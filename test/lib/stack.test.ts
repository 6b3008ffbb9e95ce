import { App, Stack, Validations } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { OriginWatch } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { roleStatements } from "./iam.ts";

let template: Template;

function stackIn(app: App, context: object = {}): OriginWatchStack {
  return new OriginWatchStack(
    app,
    "OriginWatch",
    readConfig({ alertEmail: "a@example.com,b@example.com", ...context }),
  );
}

beforeAll(() => {
  template = Template.fromStack(stackIn(new App({ context: flags.context })));
});

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

/** The logical id of the only resource of a type, or of the one that the properties single out. */
function logicalId(type: string, properties: object = {}): string {
  const ids = Object.keys(template.findResources(type, { Properties: properties }));
  expect(ids).toHaveLength(1);
  return ids[0]!;
}

/** The one that checks origins; another shows the status board. */
const watching = { Timeout: 300 };
const ofWatching = { FieldIndexPolicies: Match.anyValue() };

describe("the stack", () => {
  it("runs the bundle on the Node and the architecture that the project is tested for", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Runtime: `nodejs${process.versions.node.split(".")[0]}.x`,
      Architectures: ["arm64"],
      Handler: "index.handler",
      Timeout: 300,
      MemorySize: 512,
      ReservedConcurrentExecutions: 1,
      LoggingConfig: { LogFormat: "JSON", LogGroup: { Ref: logicalId("AWS::Logs::LogGroup", ofWatching) } },
    });
  });

  it("tells the function what it must know and sets nothing that only tests may set", () => {
    const [fn] = Object.values(template.findResources("AWS::Lambda::Function", { Properties: watching }));
    expect(Object.keys(fn?.Properties.Environment.Variables).toSorted()).toEqual([
      "BOARD_KEY",
      "DASHBOARD_NAME",
      "EXPIRY_WARNING_DAYS",
      "MUTE_TAGS",
      "NODE_OPTIONS",
      "REMINDER_HOURS",
      "RISK_REMINDER_DAYS",
      "STATE_BUCKET",
      "STATE_KEY",
      "TOPIC_ARN",
      "VIEWER_ERRORS",
    ]);
  });

  it("leaves room beside the heap of the function that may hold much", () => {
    const optionsWith = (memoryMb: number) => {
      const stack = stackIn(new App({ context: flags.context }), { memoryMb });
      const [fn] = Object.values(
        Template.fromStack(stack).findResources("AWS::Lambda::Function", { Properties: watching }),
      );
      return fn?.Properties.Environment.Variables.NODE_OPTIONS;
    };
    expect(optionsWith(512)).toBe("--enable-source-maps --max-semi-space-size=4 --max-old-space-size=320");
    expect(optionsWith(2_048)).toBe("--enable-source-maps --max-semi-space-size=4 --max-old-space-size=1280");
  });

  it("tells the function which distributions to check", () => {
    const context = { includeDistributions: "E1,E2", excludeDistributions: ["E3"] };
    Template.fromStack(stackIn(new App({ context: flags.context }), context)).hasResourceProperties(
      "AWS::Lambda::Function",
      { Environment: { Variables: { INCLUDE_DISTRIBUTIONS: "E1,E2", EXCLUDE_DISTRIBUTIONS: "E3" } } },
    );
  });

  it("starts a run every 15 minutes, with few retries", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 1 },
      ScheduleExpression: "rate(15 minutes)",
      State: "ENABLED",
      Target: {
        Arn: { "Fn::GetAtt": [logicalId("AWS::Lambda::Function", watching), "Arn"] },
        RetryPolicy: { MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 2 },
      },
    });
  });

  it("does not repeat a failed run or start one late, and keeps its event", () => {
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 900,
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      DeadLetterConfig: { TargetArn: { "Fn::GetAtt": [logicalId("AWS::SQS::Queue"), "Arn"] } },
    });
  });

  it("subscribes every address", () => {
    template.resourceCountIs("AWS::SNS::Subscription", 2);
    template.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "b@example.com" });
  });

  it.each(["AWS::SNS::TopicPolicy", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"])(
    "denies everything but TLS (%s)",
    (type) => {
      template.hasResourceProperties(type, {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }),
          ]),
        },
      });
    },
  );

  it("keeps the state private, versioned and for a month, and what every run may write for a day", () => {
    template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "Retain",
      Properties: {
        VersioningConfiguration: { Status: "Enabled" },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            Match.objectLike({ NoncurrentVersionExpiration: { NoncurrentDays: 30 }, Status: "Enabled" }),
            {
              Id: "forget-old-boards",
              Prefix: "board.json.gz",
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
              Status: "Enabled",
            },
            {
              Id: "forget-old-memories",
              Prefix: "memory.json",
              NoncurrentVersionExpiration: { NoncurrentDays: 1 },
              Status: "Enabled",
            },
          ],
        },
      },
    });
  });

  it("lets mutes.json be written on condition only, whoever does", () => {
    const [policy] = Object.values(template.findResources("AWS::S3::BucketPolicy"));
    const [statement] = policy!.Properties.PolicyDocument.Statement.filter(
      ({ Sid }: { Sid?: string }) => Sid === "MutesByConditionOnly",
    );
    expect(statement).toEqual({
      Sid: "MutesByConditionOnly",
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: "s3:PutObject",
      Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": [expect.stringMatching(/Bucket/), "Arn"] }, "/mutes.json"]] },
      Condition: { Null: { "s3:if-match": "true", "s3:if-none-match": "true" } },
    });
  });

  it("forgets logs after 90 days, and with the stack", () => {
    template.allResources("AWS::Logs::LogGroup", { DeletionPolicy: "Delete", Properties: { RetentionInDays: 90 } });
    template.resourceCountIs("AWS::Logs::LogGroup", 2);
  });

  /** The statements on every resource. */
  const openIn = (made: Template) =>
    Object.values(made.findResources("AWS::IAM::Policy")).flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.filter(({ Resource }: { Resource: unknown }) =>
        [Resource].flat().includes("*"),
      ),
    );

  it("grants * only for actions that know no resource: CloudFront's lists, and metrics of us-east-1", () => {
    expect(openIn(template)).toEqual([
      expect.objectContaining({ Sid: "ReadCloudFrontConfiguration" }),
      {
        Sid: "ReadWhatCloudFrontCounts",
        Effect: "Allow",
        Action: "cloudwatch:GetMetricData",
        Resource: "*",
        Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
      },
    ]);
  });

  it("reads no metric where nobody wants CloudFront's count", () => {
    const off = Template.fromStack(stackIn(new App({ context: flags.context }), { viewerErrors: "off" }));
    expect(openIn(off)).toMatchObject([{ Sid: "ReadCloudFrontConfiguration" }]);
    expect(JSON.stringify(off.toJSON())).not.toContain("GetMetricData");
    off.hasResourceProperties("AWS::Lambda::Function", { Environment: { Variables: { VIEWER_ERRORS: "off" } } });
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { VIEWER_ERRORS: "hourly" } },
    });
  });

  it("may list response headers policies and read tags where CloudFront itself is asked, and only there", () => {
    const asking = (context: object) => stackIn(new App({ context: flags.context }), { muteTags: false, ...context });
    const on = Template.fromStack(asking({ throughCloudFront: "doubt" }));
    expect(openIn(on).map((statement) => (statement as { Sid?: string }).Sid)).toEqual([
      "ReadCloudFrontConfiguration",
      "ReadResponseHeadersPolicies",
      "ReadWhatCloudFrontCounts",
    ]);
    expect(JSON.stringify(on.toJSON())).toContain("cloudfront:ListTagsForResource");
    on.hasResourceProperties("AWS::Lambda::Function", { Environment: { Variables: { THROUGH_CLOUDFRONT: "doubt" } } });
    const off = JSON.stringify(Template.fromStack(asking({})).toJSON());
    expect(off).not.toMatch(/ListResponseHeadersPolicies|ListTagsForResource|THROUGH_CLOUDFRONT/);
  });

  it("asks nothing of CloudFront where it does not know how much a distribution is used, and nothing unknown", () => {
    const made = (context: object) => () => stackIn(new App({ context: flags.context }), context);
    expect(made({ throughCloudFront: "doubt", viewerErrors: "off" })).toThrow(
      /throughCloudFront: expected off, got doubt/,
    );
    expect(made({ throughCloudFront: "sometimes" })).toThrow(/throughCloudFront: expected one of off, doubt, all/);
  });

  it("is the same for the same input, so that nothing is deployed without need", () => {
    const again = Template.fromStack(stackIn(new App({ context: flags.context })));
    expect(again.toJSON()).toEqual(template.toJSON());
  });
});

describe("the relay", () => {
  const options = { eventBus: "default", securityHub: true, muteTags: true };

  it("is not there unless somebody wants it", () => {
    template.resourceCountIs("AWS::Lambda::Function", 2);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/GetFunction"|PutEvents|securityhub/);
  });

  it("may do what it does, and nothing else", () => {
    const relayed = Template.fromStack(stackIn(new App({ context: flags.context }), options)).toJSON();
    const relayRole = Object.keys(relayed.Resources).find(
      (id) => id.startsWith("WatchRelayRole") && !/Policy/.test(id),
    )!;
    const granted = roleStatements(relayed as never, relayRole, (id) => `arn:of:${id}`);
    expect(granted.flatMap(({ actions }) => actions).toSorted()).toEqual([
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
      "securityhub:BatchImportFindings",
      "sqs:SendMessage",
    ]);
    expect(granted.flatMap(({ resources }) => resources)).not.toContain("*");
    const subscriptions = Object.values(relayed.Resources as Record<string, { Type: string; Properties: object }>);
    expect(subscriptions.filter(({ Type }) => Type === "AWS::SNS::Subscription")).toContainEqual(
      expect.objectContaining({ Properties: expect.objectContaining({ Protocol: "lambda" }) }),
    );
  });

  it("may read the secret of the pager where there is one, and of another key nothing", () => {
    const secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pagerduty-a1B2c3";
    const paging = stackIn(new App({ context: flags.context }), { pagerDutyRoutingKey: secret });
    const relayed = Template.fromStack(paging).toJSON();
    const role = Object.keys(relayed.Resources).find((id) => id.startsWith("WatchRelayRole") && !/Policy/.test(id))!;
    const granted = roleStatements(relayed as never, role, (id) => `arn:of:${id}`);
    expect(granted.flatMap(({ actions }) => actions).toSorted()).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "s3:GetObject",
      "s3:ListBucket",
      "secretsmanager:GetSecretValue",
      "sqs:SendMessage",
    ]);
    expect(granted.find(({ actions }) => actions.includes("secretsmanager:GetSecretValue"))?.resources).toEqual([
      secret,
    ]);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/secretsmanager|PAGERDUTY/);
  });

  it("lets the function read the code of functions, where it does, and no others", () => {
    const reading = stackIn(new App({ context: flags.context }), { readFunctions: true });
    const read = Template.fromStack(reading);
    read.hasResourceProperties("AWS::Lambda::Function", { Environment: { Variables: { READ_FUNCTIONS: "true" } } });
    read.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: "cloudfront:GetFunction",
            Effect: "Allow",
            Resource: {
              "Fn::Join": [
                "",
                ["arn:", { Ref: "AWS::Partition" }, ":cloudfront::", { Ref: "AWS::AccountId" }, ":function/*"],
              ],
            },
            Sid: "ReadFunctions",
          },
        ]),
      },
    });
  });

  it("lets the function read tags, unless they may not mute", () => {
    const untagged = Template.fromStack(stackIn(new App({ context: flags.context }), { muteTags: false }));
    expect(JSON.stringify(untagged.toJSON())).not.toMatch(/ListTagsForResource|MUTE_TAGS/);
    const tagged = Template.fromStack(stackIn(new App({ context: flags.context })));
    tagged.hasResourceProperties("AWS::Lambda::Function", { Environment: { Variables: { MUTE_TAGS: "true" } } });
    tagged.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: "cloudfront:ListTagsForResource", Sid: "ReadMuteTags" }),
        ]),
      },
    });
  });
});

describe("a key of one's own", () => {
  const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const made: readonly (readonly [name: string, make: () => Stack])[] = [
    [
      "imported",
      () =>
        stackIn(new App({ context: flags.context }), {
          kmsKeyArn,
          eventBus: "default",
          securityHub: true,
          pagerDutyRoutingKey: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pagerduty-a1B2c3",
        }),
    ],
    [
      "of the app",
      () => {
        const stack = new Stack(new App({ context: flags.context }), "Mine");
        new OriginWatch(stack, "Watch", {
          encryptionKey: new Key(stack, "Key"),
          eventBus: "default",
          securityHub: true,
          pagerDutyRoutingKey: new Secret(stack, "Secret").secretArn,
        });
        return stack;
      },
    ],
  ];

  it.each(made)("%s, is used through the services that a function needs, and not by itself", (_name, make) => {
    const { Resources } = Template.fromStack(make()).toJSON() as {
      Resources: Record<string, { Type: string; Properties: { PolicyDocument: { Statement: Grant[] } } }>;
    };
    const granted = Object.entries(Resources)
      .filter(([, { Type }]) => Type === "AWS::IAM::Policy")
      .flatMap(([id, { Properties }]) => Properties.PolicyDocument.Statement.map((statement) => ({ id, statement })))
      .filter(({ statement }) => JSON.stringify(statement.Action).includes("kms:"));
    const services = granted.map(({ id, statement }) => {
      const { StringEquals, ...others } = statement.Condition ?? {};
      expect(others).toEqual({});
      const via = JSON.stringify(StringEquals?.["kms:ViaService"]);
      return [
        id.replace(/RoleDefaultPolicy.*/, ""),
        ["s3", "secretsmanager", "sns", "sqs"].filter((name) => via.includes(`"${name}.`)),
      ];
    });
    expect(Object.fromEntries(services)).toEqual({
      Watch: ["s3", "sns", "sqs"],
      WatchRelay: ["s3", "secretsmanager", "sqs"],
      WatchStatusBoard: ["s3"],
    });
    expect(services).toHaveLength(3);
  });
});

type Grant = {
  readonly Action: unknown;
  readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
};

describe("cdk-nag", () => {
  it.each([
    ["as it comes", {}],
    ["without a dashboard", { dashboard: false }],
    [
      "with everything",
      {
        eventBus: "default",
        securityHub: true,
        muteTags: true,
        boardMutes: true,
        readFunctions: true,
        throughCloudFront: "all",
        weeklyDigest: true,
        pagerDutyRoutingKey: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pagerduty-a1B2c3",
      },
    ],
    ["with a key", { kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" }],
  ])("finds nothing that is not accounted for, %s", (_name, context) => {
    const app = new App({ context: flags.context });
    const stack = stackIn(app, context);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
    for (const [id, reason] of accepted) Validations.of(stack).acknowledge({ id, reason });
    const ofBoard = stack.node
      .findAll()
      .filter(({ node }) => /\/(?:StatusBoard|BoardMutes)\/Function$/.test(node.path));
    for (const [id, reason] of acceptedOfStatusBoard) {
      for (const each of ofBoard) Validations.of(each).acknowledge({ id, reason });
    }
    expect(() => app.synth()).not.toThrow();
  });
});

/** What the rule packs ask for and the stack does not do, with the reason. */
const accepted: readonly (readonly [id: string, reason: string])[] = [
  [
    "AwsSolutions::AwsSolutions-S1",
    "The bucket holds what the functions keep for themselves; its versions are its history.",
  ],
  ["AwsSolutions::AwsSolutions-SQS3", "The queue is the dead-letter queue of the function."],
  ["Serverless::Serverless-SQSRedrivePolicy", "The queue is the dead-letter queue of the function."],
  ["AwsSolutions::AwsSolutions-IAM5[Resource::*]", "CloudFront's list actions have no resource level."],
  ...["distribution", "distribution-tenant", "function", "vpcorigin"].map(
    (type) =>
      [
        `AwsSolutions::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudfront::<AWS::AccountId>:${type}/*]`,
        "Read-only, and the ids are known only once the account has been read.",
      ] as const,
  ),
  [
    "AwsSolutions::AwsSolutions-IAM5[Resource::<WatchStateBucket7CB8F5D6.Arn>/state.json.unreadable-*]",
    "A state that cannot be read is kept aside under a name that ends in its ETag.",
  ],
  [
    "AwsSolutions::AwsSolutions-IAM5[Resource::<WatchFunction957C0123.Arn>:*]",
    "CDK lets the schedule invoke any version of this one function.",
  ],
  [
    "Serverless::Serverless-LambdaAsyncFailureDestination",
    "The dead-letter queue keeps the event of a failed run; a destination would take two permissions more for the same. The status board is never invoked without somebody who waits.",
  ],
  [
    "Serverless::Serverless-SNSRedrivePolicy",
    "A redrive policy concerns endpoints that answer; SNS does not tell whether an e-mail was delivered.",
  ],
  [
    "Serverless::Serverless-LambdaTracing",
    "No function calls another: a trace would show nothing that the logs do not, and would cost permissions.",
  ],
];

const acceptedOfStatusBoard: readonly (readonly [id: string, reason: string])[] = [
  [
    "Serverless::Serverless-LambdaDLQ",
    "CloudWatch waits for the answer; a call that failed is told to the person who looks, and reloading repeats it.",
  ],
];
