import { Controller, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Allow } from '../auth/access.js';
import { CurrentMember, type Member } from '../auth/caller.js';
import { TicketService } from './ticket.service.js';

@ApiTags('realtime')
@ApiBearerAuth()
@Controller('v1/realtime/tickets')
export class RealtimeController {
  constructor(private readonly tickets: TicketService) {}

  @Post()
  @Allow('realtime')
  @ApiOperation({ summary: 'A ticket for the socket at /ws: say {"type":"hello","ticket":…,"cursor":…} within 30 seconds' })
  @ApiResponse({ status: 201, standardSchema: z.object({ ticket: z.string() }) })
  async issue(@CurrentMember() member: Member): Promise<{ ticket: string }> {
    return { ticket: await this.tickets.issue(member) };
  }
}
