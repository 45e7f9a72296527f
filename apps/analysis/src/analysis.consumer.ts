import { Controller } from '@nestjs/common';
import { Answer, type Asked, type Delivered, OnBatch } from '#bus';
import { type Analysis, AnalysisOfMessage, MessageStored } from '#contracts';
import { AnalysisService } from './analysis.service.js';

@Controller()
export class AnalysisConsumer {
  constructor(private readonly analyses: AnalysisService) {}

  @OnBatch(MessageStored)
  stored(batch: readonly Delivered<MessageStored>[]): Promise<void> {
    return this.analyses.analyseStored(batch);
  }

  @Answer(AnalysisOfMessage)
  ofMessage({ organisationId, input }: Asked<{ messageId: string }>): Promise<Analysis[]> {
    return this.analyses.ofMessage(organisationId, input.messageId);
  }
}
